"""The page's distribution: what CloudFront keeps, and what it forwards."""

from __future__ import annotations

# Ids of CloudFront's managed policies, by its developer guide.
NOTHING_IS_CACHED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # CachingDisabled
EVERY_HEADER_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"  # AllViewerExceptHostHeader


def test_answers_of_the_api_are_never_cached_and_tokens_reach_it(advanced):
    (api,) = advanced.the("Distribution").inputs["orderedCacheBehaviors"]

    assert api["pathPattern"] == f"/{advanced.the('Stage').inputs['stageName']}/*"
    assert api["cachePolicyId"] == NOTHING_IS_CACHED
    assert api["originRequestPolicyId"] == EVERY_HEADER_BUT_HOST


def test_files_with_a_hash_in_their_names_are_kept_by_browsers_and_all_others_are_asked_for_again(advanced):
    kept = {file.inputs["key"]: file.inputs["cacheControl"] for file in advanced.of("BucketObjectv2")}

    assert {key: control for key, control in kept.items() if not key.startswith("assets/")} == {
        "config.json": "no-cache",
        "index.html": "no-cache",
    }
    assert {control for key, control in kept.items() if key.startswith("assets/")} == {
        "public, max-age=31536000, immutable"
    }


def test_nothing_runs_that_was_not_built_with_the_page_and_no_other_page_frames_it(advanced):
    headers = advanced.the("ResponseHeadersPolicy").inputs["securityHeadersConfig"]
    directives = dict(
        part.split(" ", 1) for part in headers["contentSecurityPolicy"]["contentSecurityPolicy"].split("; ")
    )

    assert {name: directives[name] for name in directives if name not in ("img-src", "connect-src")} == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
