"""An upload becomes a mail, as tutorials have it."""

# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201, ARG001, BLE001 - this is what they look like

import json
import os

import boto3

sns = boto3.client("sns")


def handler(event, context):
    print("Received event:", json.dumps(event))
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        key = record["s3"]["object"]["key"]
        try:
            sns.publish(
                TopicArn=os.environ["TOPIC_ARN"],
                Subject="New file uploaded",
                Message=f"The file {key} was uploaded to the bucket {bucket}.",
            )
            print(f"Notification sent for {key}")
        except Exception as error:
            print(f"Error: {error}")
    return {"statusCode": 200, "body": json.dumps("Notification sent")}
