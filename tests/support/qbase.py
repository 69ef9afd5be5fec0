"""Baseline capsules read and written by docs/capsule.md alone, independently of the library."""
import hashlib
import json
import struct

MAGIC, END = b"QSLPBASE", b"QSLPDONE"
TABLE = []
for _i in range(256):
    for _ in range(8):
        _i = _i >> 1 ^ (0xC96C5795D7870F42 if _i & 1 else 0)
    TABLE.append(_i)


def crc64(data):
    crc = ~0 & 0xFFFFFFFFFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFFFFFFFFFF


def sealed(data):
    return data + struct.pack("<Q", crc64(data))


def write(fields, rows):
    """rows: per item (tokens, hidden floats, logits) -> the file's bytes."""
    manifest = json.dumps(fields).encode()
    header = sealed(MAGIC + struct.pack("<II", 1, len(manifest)) + manifest)
    out, index = header, b""
    for item, (tokens, hidden, logits) in enumerate(rows):
        record = sealed(struct.pack(f"<II{len(tokens)}i{len(hidden)}f{len(logits)}f", item, len(tokens), *tokens,
                                    *hidden, *logits))
        index += struct.pack("<Q", len(out)) + record[-8:]
        out += record
    end = index + struct.pack("<QQ", len(out), len(rows))
    return out + end + hashlib.sha256(header + end).digest() + END


def read(data):
    """(fields, per item (tokens, hidden floats, logits)); asserts every checksum."""
    assert data[:8] == MAGIC and data[-8:] == END
    version, size = struct.unpack_from("<II", data, 8)
    assert version == 1
    header, fields = data[:16 + size + 8], json.loads(data[16:16 + size])
    assert sealed(header[:-8]) == header
    index_at, n = struct.unpack_from("<QQ", data, len(data) - 56)
    assert data[-40:-8] == hashlib.sha256(header + data[index_at:-40]).digest()
    d_model, n_vocab = int(fields["d_model"]), int(fields["n_vocab"]) * int(fields["logits"])
    rows, at = [], len(header)
    for item in range(n):
        offset, crc = struct.unpack_from("<QQ", data, index_at + 16 * item)
        number, count = struct.unpack_from("<II", data, at)
        numbers = struct.unpack_from(f"<{count}i{count * (d_model + n_vocab)}fQ", data, at + 8)
        end = at + 8 + count * 4 * (1 + d_model + n_vocab) + 8
        assert (offset, number, crc) == (at, item, numbers[-1]) and sealed(data[at:end - 8]) == data[at:end]
        rows.append((numbers[:count], numbers[count:count * (1 + d_model)], numbers[count * (1 + d_model):-1]))
        at = end
    assert at == index_at
    return fields, rows
