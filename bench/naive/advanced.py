"""The same with a table of uploads and a queue "for further processing", which nobody reads."""

# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201, ARG001, BLE001 - this is what they look like

import json
import os
import uuid
from datetime import UTC, datetime

import boto3

sns = boto3.client("sns")
sqs = boto3.client("sqs")
table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def handler(event, context):
    print("Received event:", json.dumps(event))
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        key = record["s3"]["object"]["key"]
        size = record["s3"]["object"]["size"]
        file_id = str(uuid.uuid4())
        try:
            table.put_item(
                Item={
                    "id": file_id,
                    "bucket": bucket,
                    "key": key,
                    "size": size,
                    "event": record["eventName"],
                    "uploadedAt": record["eventTime"],
                    "createdAt": datetime.now(UTC).isoformat(),
                    "status": "uploaded",
                }
            )
            print(f"Saved to DynamoDB: {file_id}")
        except Exception as error:
            print(f"DynamoDB error: {error}")
        try:
            sqs.send_message(
                QueueUrl=os.environ["QUEUE_URL"],
                MessageBody=json.dumps({"fileId": file_id, "bucket": bucket, "key": key}),
            )
            print(f"Queued for processing: {file_id}")
        except Exception as error:
            print(f"SQS error: {error}")
        try:
            sns.publish(
                TopicArn=os.environ["TOPIC_ARN"],
                Subject="New file uploaded",
                Message=f"The file {key} ({size} bytes) was uploaded to the bucket {bucket} and queued for processing.",
            )
            print(f"Notification sent for {key}")
        except Exception as error:
            print(f"SNS error: {error}")
    return {"statusCode": 200, "body": json.dumps("File processed")}
