"""Resource types on the emulator, each through a small program."""

import inspect
import json

import pulumi
import pulumi_aws
import pytest
from botocore.stub import Stubber

from local.emulator.aws import Aws
from local.emulator.engine.state import DeploymentError, RefusedError
from local.emulator.resources import TABLE
from tests.local.world import actions

HANDLER = "def handler(event, context): return {number}"


def code(number: int) -> pulumi.AssetArchive:
    return pulumi.AssetArchive({"code.py": pulumi.StringAsset(HANDLER.format(number=number))})


def function(name: str, number: int = 1, **options) -> pulumi_aws.lambda_.Function:
    return pulumi_aws.lambda_.Function(
        name,
        code=code(number),
        handler="code.handler",
        runtime="python3.13",
        role="arn:aws:iam::000000000000:role/any",
        **options,
    )


@pytest.mark.parametrize("token", TABLE)
def test_every_property_that_is_honoured_exists_in_the_real_provider(token):
    _, module, name = token.split(":")
    owner = getattr(pulumi_aws, {"lambda": "lambda_"}.get(module.split("/")[0], module.split("/")[0]))
    real = getattr(owner, name)
    properties = {camel(parameter) for parameter in inspect.signature(real._internal_init).parameters}

    kind = TABLE[token]

    assert real.pulumi_type == token
    assert kind.accepts <= properties
    assert kind.replaces <= kind.accepts
    assert kind.auto_name is None or kind.auto_name.property in kind.accepts


def camel(snake: str) -> str:
    first, *rest = snake.split("_")
    return first + "".join(word.title() for word in rest)


def test_a_queue_attribute_that_the_program_drops_returns_to_its_default(world, aws):
    def program(**options):
        pulumi.export("url", pulumi_aws.sqs.Queue("q", **options).url)

    url = world.apply(lambda: program(visibility_timeout_seconds=77, delay_seconds=5)).outputs["url"]
    deployment = world.apply(lambda: program(delay_seconds=5))

    attributes = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert actions(deployment) == {"q": "updated"}
    assert deployment.outputs["url"] == url
    assert (attributes["VisibilityTimeout"], attributes["DelaySeconds"]) == ("30", "5")


def test_a_subscription_takes_a_new_filter_in_place_and_a_new_address_by_replacement(world, aws):
    def program(address="a@example.com", **options):
        topic = pulumi_aws.sns.Topic("t")
        made = pulumi_aws.sns.TopicSubscription("s", topic=topic.arn, protocol="email", endpoint=address, **options)
        pulumi.export("arn", made.arn)

    first = world.apply(lambda: program(filter_policy=json.dumps({"deliver": ["a"]})))
    changed = world.apply(lambda: program(filter_policy=json.dumps({"deliver": ["b"]})))
    attributes = aws.sns.get_subscription_attributes(SubscriptionArn=changed.outputs["arn"])["Attributes"]
    assert (actions(changed), attributes["FilterPolicy"]) == ({"s": "updated"}, '{"deliver": ["b"]}')
    assert changed.outputs == first.outputs

    replaced = world.apply(lambda: program("b@example.com"))

    assert actions(replaced) == {"s": "replaced"}
    assert replaced.outputs != first.outputs


def test_a_protocol_that_would_never_be_delivered_is_refused(world):
    def program():
        topic = pulumi_aws.sns.Topic("t")
        pulumi_aws.sns.TopicSubscription("s", topic=topic.arn, protocol="email-json", endpoint="a@example.com")

    with pytest.raises(DeploymentError, match="protocol is 'email-json'; the emulator delivers to email, "):
        world.apply(program)


def test_new_code_and_new_settings_reach_a_function_that_has_run(world, aws):
    def program(number=1, **options):
        pulumi.export("name", function("f", number, **options).name)

    name = world.apply(program).outputs["name"]
    assert aws.lambda_.invoke(FunctionName=name)["Payload"].read() == b"1"

    world.apply(lambda: program(2, timeout=7, environment={"variables": {"KEY": "b"}}))

    assert aws.lambda_.invoke(FunctionName=name)["Payload"].read() == b"2"
    configuration = aws.lambda_.get_function_configuration(FunctionName=name)
    assert (configuration["Timeout"], configuration["Environment"]["Variables"]) == (7, {"KEY": "b"})


def test_a_changed_layer_is_a_new_version_and_the_old_one_is_deleted(world, aws, unique):
    def program(number):
        layer = pulumi_aws.lambda_.LayerVersion("l", layer_name=unique, code=code(number))
        function("f", layers=[layer.arn])

    world.apply(lambda: program(1))
    deployment = world.apply(lambda: program(2))

    versions = aws.lambda_.list_layer_versions(LayerName=unique)["LayerVersions"]
    assert [version["Version"] for version in versions] == [2]
    assert actions(deployment) == {"l": "replaced", "f": "updated"}


def test_permissions_and_failure_destinations_are_written(world, aws):
    def program():
        made = function("f")
        queue = pulumi_aws.sqs.Queue("q")
        pulumi_aws.lambda_.Permission(
            "p",
            action="lambda:InvokeFunction",
            function=made.name,
            principal="s3.amazonaws.com",
            source_arn="arn:aws:s3:::b",
            source_account="000000000000",
        )
        pulumi_aws.lambda_.FunctionEventInvokeConfig(
            "c",
            function_name=made.name,
            maximum_retry_attempts=1,
            destination_config={"on_failure": {"destination": queue.arn}},
        )
        pulumi.export("function", made.name)
        pulumi.export("queue", queue.arn)

    outputs = world.apply(program).outputs

    (statement,) = json.loads(aws.lambda_.get_policy(FunctionName=outputs["function"])["Policy"])["Statement"]
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    config = aws.lambda_.get_function_event_invoke_config(FunctionName=outputs["function"])
    assert config["MaximumRetryAttempts"] == 1
    assert config["DestinationConfig"]["OnFailure"]["Destination"] == outputs["queue"]


def test_whether_a_function_may_be_invoked_in_a_loop_is_written_and_taken_back(world, aws):
    def program(*, allow):
        made = function("f")
        if allow:
            pulumi_aws.lambda_.FunctionRecursionConfig("r", function_name=made.name, recursive_loop="Allow")
        pulumi.export("function", made.name)

    name = world.apply(lambda: program(allow=True)).outputs["function"]
    allowed = aws.lambda_.get_function_recursion_config(FunctionName=name)["RecursiveLoop"]
    world.apply(lambda: program(allow=False))

    assert allowed == "Allow"
    assert aws.lambda_.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] == "Terminate"


def test_an_alarm_on_several_metrics_is_written_as_the_api_wants_it():
    """Against botocore's own model: the emulator stores no metric queries, so it could not show a mistake."""
    aws = Aws("http://nowhere.invalid")
    dimensions = [{"Name": "service", "Value": "notify"}]
    metric = {"Namespace": "n", "MetricName": "Received", "Dimensions": dimensions}
    expected = {
        "AlarmName": "a",
        "Threshold": 0,
        "Metrics": [
            {"Id": "gap", "Expression": "received - published", "ReturnData": True},
            {"Id": "received", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}},
        ],
    }
    got = {"namespace": "n", "metricName": "Received", "period": 60, "stat": "Sum", "dimensions": {"service": "notify"}}
    queries = [
        {"id": "gap", "expression": "received - published", "returnData": True},
        {"id": "received", "metric": got},
    ]

    with Stubber(aws.cloudwatch) as stub:
        stub.add_response(
            "put_metric_alarm", {}, {**expected, "EvaluationPeriods": 1, "ComparisonOperator": "LessThanThreshold"}
        )
        inputs = {"name": "a", "threshold": 0, "evaluationPeriods": 1, "comparisonOperator": "LessThanThreshold"}
        TABLE["aws:cloudwatch/metricAlarm:MetricAlarm"].create(aws, {**inputs, "metricQueries": queries})


def test_a_resource_is_created_in_the_region_it_names(world, aws):
    def program(region):
        pulumi.export("arn", pulumi_aws.sqs.Queue("q", region=region).arn)

    first = world.apply(lambda: program("eu-west-1")).outputs["arn"]
    moved = world.apply(lambda: program("eu-north-1"))

    assert first.split(":")[3] == "eu-west-1"
    assert actions(moved) == {"q": "replaced"}
    assert not aws.at("eu-west-1").sqs.list_queues().get("QueueUrls")


def test_a_queue_that_exists_is_found(world, aws, unique):
    aws.sqs.create_queue(QueueName=unique)

    def program():
        pulumi.export("arn", pulumi_aws.sqs.get_queue_output(name=unique).arn)

    assert world.apply(program).outputs["arn"] == aws.arn("sqs", unique)


def test_a_queue_that_does_not_exist_is_an_error_with_the_commands_that_help(world, unique):
    with pytest.raises(RefusedError, match=rf"(?s)no queue '{unique}'.*sqs create-queue --queue-name {unique}"):
        world.apply(lambda: pulumi_aws.sqs.get_queue_output(name=unique))


def test_account_region_and_partition_are_known_in_the_preview(world):
    def program():
        pulumi.export("account", pulumi_aws.get_caller_identity_output().account_id)
        pulumi.export("region", pulumi_aws.get_region_output().region)
        pulumi.export("partition", pulumi_aws.get_partition_output().partition)

    assert world.apply(program).outputs == {"account": "000000000000", "region": "us-east-1", "partition": "aws"}


def test_a_dashboard_is_created_changed_and_removed(world, aws, unique):
    def program(title):
        body = json.dumps({"widgets": [{"type": "text", "properties": {"markdown": title}}]})
        pulumi_aws.cloudwatch.Dashboard("d", dashboard_name=unique, dashboard_body=body)

    for title in ("first", "second"):
        world.apply(lambda title=title: program(title))
        assert title in aws.cloudwatch.get_dashboard(DashboardName=unique)["DashboardBody"]
    world.apply(lambda: None)

    assert aws.cloudwatch.list_dashboards(DashboardNamePrefix=unique)["DashboardEntries"] == []


def a_query(name="p/s/q", text="fields @message", groups=("absent",)):
    pulumi_aws.cloudwatch.QueryDefinition("q", name=name, query_string=text, log_group_names=[*groups])


def test_changes_of_a_saved_query_are_detected(world, unique):
    def program(text):
        group = pulumi_aws.cloudwatch.LogGroup("g", name=unique)
        pulumi_aws.cloudwatch.QueryDefinition("q", name="p/s/q", query_string=text, log_group_names=[group.name])

    assert actions(world.apply(lambda: program("fields @message"))) == {"g": "created", "q": "created"}
    assert actions(world.apply(lambda: program("fields @timestamp"))) == {"q": "updated"}
    assert actions(world.apply(lambda: program("fields @timestamp"))) == {}


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (a_query, "the query 'p/s/q' asks a log group that does not exist: absent"),
        (lambda: a_query(text="x" * 10_001, groups=()), "queryString"),
        (lambda: a_query(name="n" * 256, groups=()), "name"),
    ],
)
def test_a_saved_query_that_aws_would_refuse_is_refused(world, query, reason):
    with pytest.raises(DeploymentError, match=reason):
        world.apply(query)
