"""Classes as users of OpenMSIStream write them, for its environment: this module is copied there, not imported here.

Written in the style of its documentation; nothing in them knows of this program.
"""

# mypy: ignore-errors
# ruff: noqa

import hashlib
import json
import os
import pathlib
import threading
import time

from openmsistream import DataFileStreamProcessor, DataFileStreamReproducer, MetadataJSONReproducer
from openmsistream.data_file_io import DownloadDataFileToMemory, ReproducerMessage


class CommandLine:
    """Its bases want this."""

    @classmethod
    def run_from_command_line(cls, args=None):
        raise NotImplementedError


class Diary(CommandLine, DataFileStreamProcessor):
    """Writes down what it is given, with a constructor of its own."""

    def __init__(self, config_file, topic_name, factor, *args, unit="s", **kwargs):
        super().__init__(config_file, topic_name, *args, **kwargs)
        self.told = {"factor": factor, "unit": unit, "topic": self.consumer_topic_name}

    def write(self, line):
        with open("diary", "a") as file:
            file.write(json.dumps(line) + "\n")

    def _process_downloaded_data_file(self, datafile, lock):
        try:
            told = dict(self.told)
            told["type"] = [cls.__name__ for cls in type(datafile).__mro__][:1]
            told["content"] = datafile.bytestring.decode()
            told["filename"] = datafile.filename
            told["relative"] = str(datafile.relative_filepath)
            told["subdir"] = datafile.subdir_str
            told["full"] = str(datafile.full_filepath)
            told["on_disk"] = datafile.full_filepath.read_bytes().decode() if datafile.full_filepath.exists() else None
            told["hash"] = datafile.check_file_hash == hashlib.sha512(datafile.bytestring).digest()
            told["chunks"] = datafile.n_total_chunks
            told["in progress"] = datafile.relative_filepath in self.files_in_progress_by_path
            with lock:
                self.write(told)
            if datafile.filename == "bad.csv":
                raise KeyError("no angle")
        except Exception as exc:
            return exc
        if datafile.filename == "raise.csv":
            raise RuntimeError("out of hand")
        if datafile.filename == "odd.csv":
            return 5

    def _failed_processing_callback(self, datafile, lock):
        with lock:
            self.write({"failed": datafile.filename})

    def _on_shutdown(self):
        super()._on_shutdown()
        self.write({"shutdown": self.n_processed_files})


class Meeting(CommandLine, DataFileStreamProcessor):
    """Goes on only when three files are in hand at once, in one instance."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.barrier = threading.Barrier(3)
        self.count = 0

    def _process_downloaded_data_file(self, datafile, lock):
        if datafile.filename == "alone":
            os.abort() if datafile.bytestring == b"bad" else time.sleep(0.5)
            return None
        self.barrier.wait(30)
        with lock:
            self.count += 1
            print("count", self.count)
        return None


class KeyedMessage(ReproducerMessage):
    def __init__(self, datafile, *args, value, **kwargs):
        super().__init__(datafile, *args, **kwargs)
        self.value = value

    @property
    def msg_value(self):
        return self.value


class HalfMessage(KeyedMessage):
    @property
    def msg_key(self):
        return "half"


class MarkedFile(DownloadDataFileToMemory):
    def __init__(self, *args, mark, **kwargs):
        super().__init__(*args, **kwargs)
        self.mark = mark


class Lengths(CommandLine, DataFileStreamReproducer):
    """Makes messages of several kinds."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, datafile_type=MarkedFile, **kwargs)

    @property
    def other_datafile_kwargs(self):
        return {"mark": "#"}

    def _get_processing_result_message_for_file(self, datafile, lock):
        if datafile.filename == "none":
            self.logger.error("ERROR: this one has no length")
            return None
        if datafile.filename == "half":
            return HalfMessage(datafile, value=len(datafile.bytestring) / 2)
        return KeyedMessage(datafile, value=f"{datafile.mark}{len(datafile.bytestring)} to {self.producer_topic_name}")


class Head(MetadataJSONReproducer):
    """Metadata of the head of a file."""

    def _get_metadata_dict_for_file(self, datafile):
        head, _, body = datafile.bytestring.decode().partition("[data]\n")
        found = dict(line.split(",", 1) for line in head.splitlines())
        found["points"] = len(body.splitlines())
        found["place"] = f"{datafile.subdir_str}|{datafile.filename}|µ"
        return found
