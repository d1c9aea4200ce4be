"""Renders chat templates as transformers does; see PROVENANCE.md.

    python render.py features FILE        fills in what the templates of features.json render to
    python render.py published FOLDER     hashes of what every *.jinja of a folder renders to
"""
import datetime, hashlib, json, pathlib, sys

import transformers.utils.chat_template_utils as chat

HERE = pathlib.Path(__file__).parent
DIALOGUES = json.loads((HERE / "dialogues.json").read_text("utf-8"))


class Day(datetime.datetime):
    """The day that Fathom tells templates."""

    @classmethod
    def now(cls, tz=None):
        return cls(2024, 7, 26)


chat.datetime = Day


def render(template):
    for dialogue in DIALOGUES["dialogues"]:
        try:
            told, _ = chat.render_jinja_template(
                [dialogue["messages"]],
                chat_template=template,
                add_generation_prompt=dialogue["answer"],
                **DIALOGUES["tokens"],
            )
            yield told[0]
        except Exception:
            yield None


def sha256(text):
    return text and hashlib.sha256(text.encode()).hexdigest()


if sys.argv[1] == "features":
    path = pathlib.Path(sys.argv[2])
    told = json.loads(path.read_text("utf-8"))
    for feature in told:
        feature["rendered"] = list(render(feature["template"]))
else:
    path = HERE / "published.json"
    told = []
    for file in sorted(pathlib.Path(sys.argv[2]).glob("*.jinja")):
        template = file.read_bytes().decode()
        rendered = [sha256(text) for text in render(template)]
        told.append({"name": file.stem, "template": sha256(template), "rendered": rendered})
path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
