"""
A model of translation of a few kilobytes, made by CTranslate2's own specification and by SentencePiece's own trainer. Its numbers are
chance: it shows that files are read, that sentences go through and come back, never that anything is translated well.
"""

import io
from pathlib import Path

import numpy

WORDS = "ravintolat ovat kiinni auki koulu kirjasto vesi pese kadet restaurangerna stangda oppna skolan vatten tvatta".split()
SIZE = 16


def build(folder: Path, seed: int = 1) -> Path:
    """Make the model in a new folder and return it."""
    import ctranslate2
    import sentencepiece

    folder.mkdir(parents=True)
    made = io.BytesIO()
    lines = [f"{one} {other} ." for one in WORDS for other in WORDS]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=made, vocab_size=60, minloglevel=2, hard_vocab_limit=False
    )
    for name in ("source.spm", "target.spm"):
        (folder / name).write_bytes(made.getvalue())
    pieces = sentencepiece.SentencePieceProcessor(model_proto=made.getvalue())
    words = [pieces.id_to_piece(number) for number in range(pieces.get_piece_size())]
    chance = numpy.random.default_rng(seed)

    spec = ctranslate2.specs.TransformerSpec.from_config(num_layers=1, num_heads=2)

    def fill(part: object, name: str) -> None:
        def array(*shape: int) -> numpy.ndarray:
            return chance.normal(scale=0.3, size=shape).astype(numpy.float32)

        sizes = {
            "embeddings": (len(words), SIZE),
            "projection": (len(words), SIZE),
            "linear_0": {"self": (3 * SIZE, SIZE), "cross": (SIZE, SIZE), "ffn": (2 * SIZE, SIZE)},
            "linear_1": {"self": (SIZE, SIZE), "cross": (2 * SIZE, SIZE), "ffn": (SIZE, 2 * SIZE)},
            "linear_2": {"cross": (SIZE, SIZE)},
        }
        last = name.rpartition(".")[2]
        kind = "ffn" if ".ffn." in name else "cross" if ".attention." in name else "self"
        if hasattr(part, "gamma"):
            part.gamma, part.beta = numpy.ones(SIZE, numpy.float32), numpy.zeros(SIZE, numpy.float32)
        elif hasattr(part, "weight"):
            key = "embeddings" if "embeddings" in name else last
            shape = sizes[key]
            shape = shape[kind] if isinstance(shape, dict) else shape
            part.weight = array(*shape)
            if hasattr(part, "bias"):
                part.bias = array(shape[0])

    from ctranslate2.specs import model_spec

    def walk(part: model_spec.LayerSpec, name: str) -> None:
        fill(part, name)
        for key, value in list(vars(part).items()):
            if isinstance(value, model_spec.LayerSpec):
                walk(value, f"{name}.{key}")
            elif isinstance(value, list):
                for number, one in enumerate(value):
                    if isinstance(one, model_spec.LayerSpec):
                        walk(one, f"{name}.{key}_{number}" if key == "linear" else f"{name}.{key}.{number}")

    walk(spec.encoder, "encoder")
    walk(spec.decoder, "decoder")
    spec.register_source_vocabulary(words)
    spec.register_target_vocabulary(words)
    spec.config.add_source_eos = True
    spec.validate()
    spec.save(str(folder))
    return folder
