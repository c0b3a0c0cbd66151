"""CloudFront's reads of a bucket.

AWS: CloudFront reads by TLS, on behalf of a distribution and its account.
ministack 1.5.33: takes the browser's own plain request for CloudFront's, so a bucket that refuses plain http refuses
its distribution as well; and leaves the account out, so a policy that names it (aws:SourceAccount) allows nothing.
Unnecessary when: ministack evaluates a bucket policy for CloudFront with secure transport and aws:SourceAccount.
Private names: s3._cloudfront_origin_allows, s3._bucket_policies, s3.get_region; iam_evaluator.EvalContext,
evaluate_resource_policy.
"""

# ruff: noqa: SLF001 - a patch relies on private names, and `require` checks them

from __future__ import annotations

from ministack.core import iam_evaluator  # type: ignore[import-untyped]
from ministack.services import s3  # type: ignore[import-untyped]

from local.emulator.patches import require


def apply() -> None:
    """Patch the running process. Raises MovedError."""
    require(s3, _cloudfront_origin_allows="owner bucket_name key source_arn oai_id", _bucket_policies="", get_region="")
    require(iam_evaluator, EvalContext="", evaluate_resource_policy="")
    original = s3._cloudfront_origin_allows

    def allows(owner: str, bucket_name: str, key: str, source_arn: str, oai_id: str) -> bool:
        if not source_arn or oai_id:
            return bool(original(owner, bucket_name, key, source_arn, oai_id))
        policy = s3._bucket_policies.get_scoped(owner, None, bucket_name)
        context = iam_evaluator.EvalContext(
            principal_arn="*",
            principal_type="Service",
            principal_account="",
            action="s3:GetObject",
            resource_arn=f"arn:aws:s3:::{bucket_name}/{key}",
            region=s3.get_region(),
            secure_transport=True,
            service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": source_arn.split(":")[4]},
        )
        if not policy:
            return False
        answer = iam_evaluator.evaluate_resource_policy(policy, context, service="cloudfront.amazonaws.com")
        return bool(answer.decision == "Allow")

    s3._cloudfront_origin_allows = allows
