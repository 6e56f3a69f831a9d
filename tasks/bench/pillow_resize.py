"""Decodes and resizes images of a tar (or tar.gz) by Pillow, in some processes: pillow_resize.py TAR SIZE LIMIT PROCESSES.
Prints one JSON line. A source of fewer images is gone through several times. Nothing is written."""
import io
import json
import multiprocessing
import sys
import tarfile
import time

from PIL import Image


def work(arguments):
    size, files = arguments
    total = 0
    for file in files:
        with Image.open(io.BytesIO(file)) as image:
            pixels = image.convert("RGB")
            if pixels.size != (size, size):
                pixels = pixels.resize((size, size), Image.Resampling.BICUBIC)
            total += len(pixels.tobytes())
    return total


def batches(path, size, limit):
    done, batch = 0, []
    while done < limit:
        with tarfile.open(path) as tar:
            for member in tar:
                if not member.isfile() or done == limit:
                    continue
                batch.append(tar.extractfile(member).read())
                done += 1
                if len(batch) == 32:
                    yield size, batch
                    batch = []
    if batch:
        yield size, batch


def main():
    path, size, limit, processes = sys.argv[1], *map(int, sys.argv[2:])
    began = time.perf_counter()
    with multiprocessing.Pool(processes) as pool:
        total = sum(pool.imap_unordered(work, batches(path, size, limit)))
    seconds = time.perf_counter() - began
    assert total == limit * size * size * 3
    print(json.dumps(dict(img_s=limit / seconds, images=limit)))


if __name__ == "__main__":
    main()
