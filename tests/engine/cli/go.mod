module cli

go 1.26

require github.com/pulumi/pulumi/pkg/v3 v3.276.0

// As Pulumi's own module has it; replacements do not count where another one requires it.
replace github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e
