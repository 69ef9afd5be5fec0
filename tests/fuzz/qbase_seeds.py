"""Seeds of qbase_fuzz: small capsules, with and without logits, and an unfinished one. usage: qbase_seeds.py FOLDER"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import qbase

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for logits in (0, 1):
    for sizes in ([], [1], [2, 0, 3]):
        fields = {"n_items": str(len(sizes)), "n_vocab": "4", "d_model": "2", "logits": str(logits),
                  "base_sha256": "ab" * 32, "base_size_bytes": "1", "base_path": "/nowhere/base.gguf"}
        rows = [([3] * n, [0.5] * 2 * n, [1.5] * 4 * n * logits) for n in sizes]
        data = qbase.write(fields, rows)
        (folder / f"{logits}-{len(sizes)}").write_bytes(data)
        (folder / f"{logits}-{len(sizes)}-unfinished").write_bytes(data[:len(data) - 56 - 16 * len(sizes)])
