"""Previews of real files: links that a browser shows, as what was detected and as nothing else."""

from tests.api.people import refusal

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000b494441"
    "54789c6360000200000500017a5eab3f0000000049454e44ae426082"
)


def test_an_image_is_shown_as_what_it_is_whatever_the_uploader_called_it(maria, http, put, unique):
    file_id = put(f"{unique}/page.html", PIXEL, ContentType="text/html")
    assert maria.wait_for(file_id)["preview"] == "image"

    answer = http.get(maria.found(f"/files/{file_id}/preview")["url"])

    assert answer.content == PIXEL
    assert (answer.headers["content-type"], answer.headers["content-disposition"]) == ("image/png", "inline")


def test_a_page_is_shown_as_plain_text(maria, http, put, unique):
    file_id = put(f"{unique}/page.png", b"<!doctype html><script>alert(1)</script>", ContentType="text/html")
    maria.wait_for(file_id)
    preview = maria.found(f"/files/{file_id}/preview")

    answer = http.get(preview["url"], headers={"Range": preview["range"]})

    assert preview["kind"] == "text"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_of_a_long_text_only_the_head_is_sent(maria, http, put, unique):
    file_id = put(f"{unique}/long.txt", b"0123456789abcde\n" * 10_000)
    maria.wait_for(file_id)
    preview = maria.found(f"/files/{file_id}/preview")

    answer = http.get(preview["url"], headers={"Range": preview["range"]})

    assert (answer.status_code, len(answer.content)) == (206, 65_536)


def test_the_own_page_may_read_the_head_of_a_text(maria, http, page, put, unique):
    file_id = put(f"{unique}/short.txt", b"hello")
    maria.wait_for(file_id)
    preview = maria.found(f"/files/{file_id}/preview")

    answer = http.get(preview["url"], headers={"Range": preview["range"], "Origin": page.origin})

    assert answer.headers["access-control-allow-origin"] == page.origin


def test_a_file_of_another_type_has_no_preview(maria, put, unique):
    file_id = put(f"{unique}/any.bin", bytes(range(256)))
    assert "preview" not in maria.wait_for(file_id)

    refusal(maria.get(f"/files/{file_id}/preview"), 409)


def test_an_unknown_file_has_no_preview(maria):
    refusal(maria.get(f"/files/{'0' * 32}/preview"), 404)


def test_a_removed_file_has_no_preview(maria, put_all, unique):
    (file_id,) = put_all(f"{unique}/gone.txt")
    maria.call("DELETE", f"/files/{file_id}")
    maria.wait_for(file_id, "removed")

    refusal(maria.get(f"/files/{file_id}/preview"), 410)
