"""The emulator's clients refuse what AWS refuses and the emulator takes, by the service models that botocore has."""

from __future__ import annotations

import pytest
from botocore.exceptions import ParamValidationError
from botocore.stub import Stubber

from local.emulator.aws import Aws

AWS = Aws("http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "problem"),
    [
        ("iam", "get_role", {"RoleName": "r" * 65}, "GetRole.RoleName is 'r.*r': 65 is not from 1 to 64"),
        ("lambda", "get_function", {"FunctionName": "a b"}, "GetFunction.FunctionName is 'a b': it does not match"),
        (
            "cloudwatch",
            "put_metric_alarm",
            {"AlarmName": "a", "ComparisonOperator": "Above", "EvaluationPeriods": 0},
            "ComparisonOperator is 'Above': it is none of .*\nPutMetricAlarm.EvaluationPeriods is 0: 0 is not from 1",
        ),
        (
            "iam",
            "tag_role",
            {"RoleName": "r", "Tags": [{"Key": "k" * 129, "Value": ""}]},
            r"TagRole.Tags\[0\].Key is 'k.*k': 129 is not from 1 to 128",
        ),
        (
            "dynamodb",
            "get_item",
            {"TableName": "table", "Key": {"k" * 65_536: {"S": "x"}}},
            "GetItem.Key is 'k.*k': 65536 is not from 0 to 65535",
        ),
    ],
    ids=["length", "pattern", "several", "in a list", "a key"],
)
def test_a_request_that_breaks_a_limit_of_aws_is_refused_before_it_is_sent(service, operation, parameters, problem):
    with pytest.raises(ParamValidationError, match=problem):
        getattr(AWS.client(service), operation)(**parameters)


def test_a_request_within_the_limits_is_sent():
    with Stubber(AWS.client("iam")) as stubber:
        stubber.add_response("delete_role", {}, {"RoleName": "r" * 64})
        AWS.iam.delete_role(RoleName="r" * 64)
        stubber.assert_no_pending_responses()


def test_a_pattern_that_python_cannot_read_refuses_nothing():
    with Stubber(AWS.client("cognito-idp")) as stubber:
        stubber.add_response("admin_delete_user", {}, {"UserPoolId": "eu-west-1_a", "Username": "mária"})
        AWS.cognito.admin_delete_user(UserPoolId="eu-west-1_a", Username="mária")
        stubber.assert_no_pending_responses()


def test_a_secret_is_not_shown():
    with pytest.raises(ParamValidationError, match="SecretString is secret: 65537") as raised:
        AWS.client("secretsmanager").put_secret_value(SecretId="s", SecretString="hush" + "x" * 65_533)

    assert "hush" not in str(raised.value)
