"""A reader of log records (RFC 6873) that asserts what a record must keep."""
import re
from typing import NamedTuple

INDEX = 60  # octets of a record's first line


class Record(NamedTuple):
    time: str
    flags: str
    cseq: str
    status: str
    uri: str
    destination: str
    source: str
    to: str
    to_tag: str
    from_uri: str
    from_tag: str
    call_id: str
    server_txn: str
    client_txn: str


def read_record(text):
    """The first record of |text|, and its length."""
    index = text[:INDEX]
    assert re.fullmatch("A[0-9A-F]{6},[0-9A-F]{52}", index), index
    assert text[INDEX] == "\n"
    size = int(index[1:7], 16)
    record = text[:size]
    assert record[-1] == "\n" and "\n" not in record[INDEX + 1:-1], record
    fields = record[INDEX + 1:-1].split("\t")
    assert re.fullmatch(r"\d{10}\.\d{3}", fields[0]), fields
    assert re.fullmatch("[Rr][ODS][SR][UTSW][EU]", fields[1]), fields
    assert len(fields) == 14 and "" not in fields, fields
    # The pointers find the same fields as the tabs do.
    pointers = [int(index[at:at + 4], 16) for at in range(8, INDEX, 4)]
    assert pointers[12] == size - 1, pointers
    pointers[12] += 1  # the last field ends where optional ones would begin
    for i, field in enumerate(fields[2:]):
        assert record[pointers[i]:pointers[i + 1] - 1] == field, (i, record)
    return Record(*fields), size


def read_records(path):
    with open(path, encoding="ascii", newline="") as file:
        text = file.read()
    records = []
    while text:
        record, size = read_record(text)
        records.append(record)
        text = text[size:]
    return records
