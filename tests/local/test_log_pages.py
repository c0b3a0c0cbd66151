"""A long log is read to its end, page by page."""

import time


def test_every_line_of_a_long_log_is_read_once_also_where_many_have_one_time(aws, unique):
    aws.logs.create_log_group(logGroupName=unique)
    aws.logs.create_log_stream(logGroupName=unique, logStreamName="s")
    now = int(time.time() * 1000)
    lines = [{"timestamp": now + number // 7000, "message": f"line {number}"} for number in range(10_500)]
    for start in range(0, len(lines), 3500):
        aws.logs.put_log_events(logGroupName=unique, logStreamName="s", logEvents=lines[start : start + 3500])

    pages = list(aws.logs.get_paginator("filter_log_events").paginate(logGroupName=unique))

    assert [len(page["events"]) for page in pages] == [10_000, 500]
    assert [event["message"] for page in pages for event in page["events"]] == [line["message"] for line in lines]


def test_a_page_has_as_many_lines_as_requested(aws, unique):
    aws.logs.create_log_group(logGroupName=unique)
    aws.logs.create_log_stream(logGroupName=unique, logStreamName="s")
    events = [{"timestamp": int(time.time() * 1000), "message": str(number)} for number in range(5)]
    aws.logs.put_log_events(logGroupName=unique, logStreamName="s", logEvents=events)

    first = aws.logs.filter_log_events(logGroupName=unique, limit=3)
    second = aws.logs.filter_log_events(logGroupName=unique, limit=3, nextToken=first["nextToken"])

    assert [event["message"] for page in (first, second) for event in page["events"]] == ["0", "1", "2", "3", "4"]
    assert "nextToken" not in second
