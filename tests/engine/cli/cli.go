//go:build tools

// Package cli names what is built: Pulumi's CLI, from its sources.
package cli

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
