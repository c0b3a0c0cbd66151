"""Uploads as S3 reports them: with everything that it says, since what is logged whole is paid for by the byte."""

from __future__ import annotations

import datetime as dt
from typing import Any

BUCKET = "file-notifications-uploads-bucket-1a2b3c4"
BODY = b"name,amount\nacme,1250\n"


def key_of(number: int) -> str:
    return f"invoices/2026/november/invoice-{number:05}.csv"


def uploaded(number: int, bucket: str = BUCKET, *, at: float = 1_795_000_000.0) -> dict[str, Any]:
    """The event for one upload at a time in seconds since 1970. Numbers give the order."""
    time = dt.datetime.fromtimestamp(at, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": "us-east-1",
                "eventTime": time,
                "eventName": "ObjectCreated:Put",
                "userIdentity": {"principalId": "AWS:AROAJDPLRKLG7UEXAMPLE:maria"},
                "requestParameters": {"sourceIPAddress": "203.0.113.7"},
                "responseElements": {
                    "x-amz-request-id": "C3D13FE58DE4C810",
                    "x-amz-id-2": "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD",
                },
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": "tf-s3-lambda-20261123084107123400000001",
                    "bucket": {
                        "name": bucket,
                        "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                        "arn": f"arn:aws:s3:::{bucket}",
                    },
                    "object": {
                        "key": key_of(number),
                        "size": len(BODY),
                        "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                        "sequencer": f"0055AED6DC{number:08X}",
                    },
                },
            }
        ]
    }
