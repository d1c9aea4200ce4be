"""Makes sentencepiece.json; see PROVENANCE.md. Run at the root of the repository."""
import glob, io, json

import sentencepiece

LINES = [
    line
    for file in sorted(glob.glob("docs/*.md"))
    for line in open(file, encoding="utf8").read().split("\n")
    if line.strip()
]
TEXTS = [
    "",
    " ",
    "  two  spaces ",
    "One of the special magic numbers for rare-café is: 1234567.",
    "line\nbreak\t tab",
    "naïve 日本語 😀 e\u0301",
    "The answers are read by the model's tokenizer, and tokens tokens tokens.",
    "aaaaaaaaaaaaaaaaaaaaa",
    "▁ already ▁▁ marked",
    "<s>not special</s> <0x41>",
    "the the the  the",
    "x" * 50 + " " * 30 + "y",
    "\n\n\n",
    "don't stop 3.14159 2,000,000",
]


def made(prefix):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES), model_writer=model, vocab_size=600, model_type="bpe",
        byte_fallback=True, add_dummy_prefix=prefix, remove_extra_whitespaces=False,
        normalization_rule_name="identity", character_coverage=0.999, minloglevel=2,
    )
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    ids = range(pieces.vocab_size())

    def kind(id):
        if pieces.is_unknown(id):
            return 2
        return 3 if pieces.is_control(id) else 6 if pieces.is_byte(id) else 1

    return {
        "tokens": [pieces.id_to_piece(id) for id in ids],
        "scores": [pieces.get_score(id) for id in ids],
        "kinds": [kind(id) for id in ids],
        "add_space_prefix": prefix,
        "texts": [
            {"text": text, "ids": pieces.encode(text), "decoded": pieces.decode(pieces.encode(text))}
            for text in TEXTS
        ],
    }


out = {"prefix": made(True), "plain": made(False)}
with open("tests/golden/tokenizer/sentencepiece.json", "w") as file:
    json.dump(out, file, ensure_ascii=False)
