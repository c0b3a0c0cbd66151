"""Events that find no free place wait, and none is lost."""

import json

from tests.e2e.stack import wait_until
from tests.local.observing import EVENTS, python_processes_of


def most_at_once(lines: list[str]) -> int:
    running = most = 0
    for line in lines:
        running += 1 if line.startswith("begin") else -1
        most = max(most, running)
    return most


def ended(lines: list[str]) -> list[object]:
    return [json.loads(line.removeprefix("end ")) for line in lines if line.startswith("end")]


def test_a_hundred_concurrent_events_are_handled_within_the_concurrency(aws, noting, notes):
    arn = noting(seconds="0.02")

    for number in range(100):
        aws.lambda_.invoke(FunctionName=arn, InvocationType="Event", Payload=json.dumps(number))

    wait_until(lambda: len(ended(notes())) >= 100)
    assert sorted(ended(notes())) == list(range(100))
    assert most_at_once(notes()) <= EVENTS


def test_a_direct_invocation_is_served_while_events_wait(aws, held, noting, notes):
    asked = noting("asked")
    held.occupy(2 * EVENTS)

    answer = aws.lambda_.invoke(FunctionName=asked, Payload='"now"')

    assert answer["StatusCode"] == 200
    assert ended(notes()) == ["now"]


def test_a_batch_from_a_queue_waits_and_is_received_only_once(aws, held, function, noting, notes):
    reader = function(
        """
            import os

            def handler(event, context):
                with open(os.environ["NOTES"], "a") as file:
                    for record in event["Records"]:
                        file.write(f"received {record['attributes']['ApproximateReceiveCount']}\\n")
        """,
        "reader",
        NOTES=str(notes.file),
    )
    name = reader.rpartition(":")[2]
    queue = aws.sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "900"})["QueueUrl"]
    aws.lambda_.invoke(FunctionName=reader, Payload='{"Records": []}')  # from now on it needs no time to begin
    held.occupy(EVENTS)

    aws.sqs.send_message(QueueUrl=queue, MessageBody="x")
    mapping = aws.lambda_.create_event_source_mapping(EventSourceArn=aws.arn("sqs", name), FunctionName=reader)
    wait_until(lambda: in_flight(aws, queue) == 1)
    aws.lambda_.invoke(FunctionName=noting("asked"), Payload="0")
    assert [line for line in notes() if line.startswith("received")] == []
    held.release()

    (received,) = wait_until(lambda: [line for line in notes() if line.startswith("received")])
    aws.lambda_.delete_event_source_mapping(UUID=mapping["UUID"])
    assert received == "received 1"


def in_flight(aws, queue: str) -> int:
    name = "ApproximateNumberOfMessagesNotVisible"
    return int(aws.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[name])["Attributes"][name])


def test_notifications_from_sns_wait_too(aws, noting, notes, unique):
    arn = noting(seconds="0.05")
    topic = aws.sns.create_topic(Name=unique)["TopicArn"]
    aws.sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)

    for number in range(20):
        aws.sns.publish(TopicArn=topic, Message=str(number))

    wait_until(lambda: len(ended(notes())) >= 20)
    assert sorted(int(event["Records"][0]["Sns"]["Message"]) for event in ended(notes())) == list(range(20))
    assert most_at_once(notes()) <= EVENTS


def test_a_notification_that_a_function_fails_goes_to_its_on_failure_destination(aws, function, unique):
    arn = function("def handler(event, context): raise ValueError('no')")
    queue = aws.sqs.create_queue(QueueName=unique)["QueueUrl"]
    aws.lambda_.put_function_event_invoke_config(
        FunctionName=arn,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": aws.arn("sqs", unique)}},
    )
    topic = aws.sns.create_topic(Name=unique)["TopicArn"]
    aws.sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)

    aws.sns.publish(TopicArn=topic, Message="hello")

    (message,) = wait_until(lambda: aws.sqs.receive_message(QueueUrl=queue).get("Messages"))
    event = json.loads(message["Body"])["requestPayload"]
    assert event["Records"][0]["Sns"]["Message"] == "hello"


def test_a_throttled_event_is_not_counted_as_an_invocation(aws, noting, notes, unique):
    """The 6 accepted ones are counted; unpatched, ministack would count every attempt to find concurrency."""
    arn = noting(seconds="0.2")
    for number in range(3 * EVENTS):
        aws.lambda_.invoke(FunctionName=arn, InvocationType="Event", Payload=json.dumps(number))
    wait_until(lambda: len(ended(notes())) == 3 * EVENTS)

    statistics = aws.cloudwatch.get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="Throttles",
        Dimensions=[{"Name": "FunctionName", "Value": f"{unique}-f"}],
        StartTime="2000-01-01",
        EndTime="2100-01-01",
        Period=3600,
        Statistics=["Sum"],
    )

    assert sum(point["Sum"] for point in statistics["Datapoints"]) == 0


def test_a_function_that_is_switched_off_refuses_its_events_at_once(aws, noting, notes, unique):
    arn = noting()
    queue = aws.sqs.create_queue(QueueName=unique)["QueueUrl"]
    aws.lambda_.put_function_concurrency(FunctionName=arn, ReservedConcurrentExecutions=0)
    aws.lambda_.put_function_event_invoke_config(
        FunctionName=arn,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": aws.arn("sqs", unique)}},
    )

    aws.lambda_.invoke(FunctionName=arn, InvocationType="Event", Payload="1")

    assert wait_until(lambda: aws.sqs.receive_message(QueueUrl=queue).get("Messages"))
    assert notes() == []


def test_workers_of_many_functions_stay_within_the_bound(aws, emulator, noting):
    for number in range(emulator.workers + 3):
        aws.lambda_.invoke(FunctionName=noting(f"f{number}"), Payload="1")

    wait_until(lambda: len(python_processes_of(emulator.process_group)) <= 1 + emulator.workers)
