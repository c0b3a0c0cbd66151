"""Sound and films."""

from __future__ import annotations

import io

from tests.handlers.inspectors.corpus import of_shell, sample

_TONE = "-f lavfi -i sine=frequency=440:duration=0.3"
_FILM = "-f lavfi -i testsrc=size=64x48:rate=5:duration=0.6"


def _of_ffmpeg(name: str, kind: str, content_type: str, options: str, source: str = _FILM) -> None:
    @sample(name, kind, "FFmpeg 5.1", content_type)
    def make() -> bytes:
        return of_shell(f"ffmpeg -v error {source} {options} -bitexact out.{name}", f"out.{name}")


_of_ffmpeg("film.mp4", "MP4 video", "video/mp4", "-c:v libx264 -pix_fmt yuv420p")
_of_ffmpeg("film.m4v", "MP4 video", "video/x-m4v", "-c:v libx264 -pix_fmt yuv420p -f ipod")
_of_ffmpeg("film.mov", "QuickTime video", "video/quicktime", "-c:v libx264 -pix_fmt yuv420p")
_of_ffmpeg("film.3gp", "3GP video", "video/3gpp", "-c:v libx264 -pix_fmt yuv420p -s 176x144")
_of_ffmpeg("film.3g2", "3G2 video", "video/3gpp", "-c:v libx264 -pix_fmt yuv420p -s 176x144")
_of_ffmpeg(
    "fragments.mp4",
    "MP4 video in fragments",
    "video/mp4",
    "-c:v libx264 -movflags frag_keyframe+empty_moov+default_base_moof",
)
_of_ffmpeg("film.mkv", "Matroska video", "video/x-matroska", "-c:v libx264 -pix_fmt yuv420p")
_of_ffmpeg("film.webm", "WebM video", "video/webm", "-c:v libvpx")
_of_ffmpeg("film.avi", "AVI video", "video/x-msvideo", "-c:v mpeg4")
_of_ffmpeg("film.flv", "Flash video", "video/x-flv", "-c:v flv")
_of_ffmpeg("film.wmv", "Windows Media video", "video/x-ms-wmv", "-c:v wmv2")
_of_ffmpeg("film.mpg", "MPEG video", "video/mpeg", "-c:v mpeg1video -r 25")
_of_ffmpeg("film.ts", "MPEG transport stream", "application/octet-stream", "-c:v mpeg2video -r 25")
_of_ffmpeg("film.ogv", "Ogg video", "video/ogg", "-c:v libtheora")
_of_ffmpeg("tone.mp3", "MP3 audio with a title", "audio/mpeg", "-c:a libmp3lame -b:a 32k -metadata title=x", _TONE)
_of_ffmpeg("bare.mp3", "MP3 audio", "audio/mpeg", "-c:a libmp3lame -b:a 32k -write_xing 0 -id3v2_version 0", _TONE)
_of_ffmpeg("tone.mp2", "MPEG audio of layer 2", "application/octet-stream", "-c:a mp2 -b:a 32k -ar 22050", _TONE)
_of_ffmpeg("tone.aac", "AAC audio", "audio/aac", "-c:a aac -b:a 32k", _TONE)
_of_ffmpeg("tone.m4a", "MP4 audio", "audio/mp4", "-c:a aac -b:a 32k", _TONE)
_of_ffmpeg("book.m4b", "MP4 audio book", "audio/mp4", "-c:a aac -b:a 32k -f ipod -brand M4B", _TONE)
_of_ffmpeg("tone.ogg", "Ogg audio", "audio/ogg", "-c:a libvorbis", _TONE)
_of_ffmpeg("tone.opus", "Opus audio", "audio/ogg", "-c:a libopus -b:a 16k", _TONE)
_of_ffmpeg("tone.flac", "FLAC audio", "audio/x-flac", "-c:a flac -ar 8000", _TONE)
_of_ffmpeg("tone.wav", "WAV audio", "audio/x-wav", "-ar 8000", _TONE)
_of_ffmpeg("tone.aiff", "AIFF audio", "audio/x-aiff", "-ar 8000", _TONE)
_of_ffmpeg("tone.wma", "Windows Media audio", "video/x-ms-wmv", "-c:a wmav2 -b:a 32k", _TONE)
_of_ffmpeg("tone.ac3", "AC-3 audio", "application/octet-stream", "-c:a ac3 -b:a 64k", _TONE)
_of_ffmpeg("tone.caf", "Core Audio", "audio/x-caf", "-c:a pcm_s16le -ar 8000", _TONE)
_of_ffmpeg("tone.mka", "Matroska audio", "video/x-matroska", "-c:a libvorbis", _TONE)


@sample("song.mid", "MIDI music", "mido 1.3", "audio/midi")
def midi() -> bytes:
    import mido

    song, track, target = mido.MidiFile(), mido.MidiTrack(), io.BytesIO()
    track.append(mido.Message("note_on", note=60, time=0))
    song.tracks.append(track)
    song.save(file=target)
    return target.getvalue()
