#!/usr/bin/env python3
"""plugin-api.py HEADER: the reference of the plugin ABI in Markdown, out of the header's own comments.

`make plugin-api` writes docs/plugin-api.md with it, and `make lint` says when that page is not the header's any more."""
import re
import sys


def words_of(comment):
    """A comment's text in one line."""
    lines = [re.sub(r"^ ?\* ?", "", line.strip()) for line in comment.strip()[2:-2].split("\n")]
    return " ".join(line for line in lines if line).strip()


def cell(text):
    return text.replace("|", "\\|")


def contract(comment):
    """The page one of the header: sentences, an example, and terms with what they mean."""
    out, term = [], None
    for line in comment[2:-2].split("\n"):
        line = re.sub(r"^ \* ?", "", line.rstrip())
        head = re.match(r"^([A-Z][a-z]+)  +(\S.*)$", line)
        if head:
            term = head
            out += ["", f"**{head[1]}.** {head[2]}"]
        elif term and line.startswith("            "):
            out.append(line.strip())
        else:
            term = None
            out.append(line)
    return "\n".join(out).strip().split("plugin.h: the", 1)[1]


def members(body):
    """Rows of a struct: name, declaration, words. A comment before a member or behind it is the member's; one alone, with
    dashes, is a heading of those that follow."""
    rows, before = [], ""
    body = re.sub(r"#if defined\(__GNUC__\)\n.*?#endif\n", "", body, flags=re.S)
    for match in re.finditer(r"(/\*.*?\*/)|([^;/]+?;)([ \t]*/\*.*?\*/)?", body, re.S):
        comment, member, behind = match.groups()
        if comment:
            before = words_of(comment)
            if before.startswith("--"):
                rows.append((None, None, before.strip("- ")))
                before = ""
            continue
        declaration = " ".join(member.split()).rstrip(";")
        pointer = re.search(r"\(\*(\w+)\)", declaration)
        names = [pointer[1]] if pointer else re.findall(r"\*?\b(\w+)(?:\[\w*\])?(?=,|$)", declaration)
        words = words_of(behind.strip()) if behind else before
        if behind and before:
            words = f"{before} {words}"
        rows.append((", ".join(names), declaration, words))
        before = ""
    return rows


def struct(name, body, before):
    out = [f"### struct {name}", ""]
    if before:
        out += [before, ""]
    out += ["| member | | |", "|---|---|---|"]
    for names, declaration, words in members(body):
        if names is None:
            out.append(f"| *{cell(words)}* | | |")
        else:
            out.append(f"| `{names}` | `{cell(declaration)}` | {cell(words)} |")
    return out + [""]


def render(text):
    text = re.sub(r"#if defined\(__GNUC__\)\n#define WF_EXPORT.*?#endif\n", "", text.replace("\\\n", " "), flags=re.S)
    top = re.match(r"/\*.*?\*/", text, re.S)
    out = ["# The plugin ABI", "", "Made from `include/wfrun/plugin.h` by `make plugin-api`; [the guide](plugin-guide.md) is the way in.", "",
           "The" + contract(top[0]), ""]
    table = False
    token = re.compile(
        r"/\* -{4} (?P<section>.*?) -+ \*/"
        r"|#define (?P<define>WF_\w+(?:\([^)]*\))?)[ \t]+(?P<value>[^\n]*)"
        r"|struct (?P<struct>\w+) \{(?P<body>.*?)\n\};"
        r"|(?P<comment>/\*.*?\*/)"
        r"|(?P<plain>(?:(?:typedef|WF_EXPORT)[^;]*|struct wf_step);(?:[ \t]*/\*.*?\*/)?)", re.S)
    before = ""
    for match in token.finditer(text, top.end()):
        if match["define"] and match["define"] not in ("WFRUN_PLUGIN_H", "WF_EXPORT"):
            value, _, words = match["value"].partition("/*")
            words = words_of("/*" + words) if words else before
            if not table:
                out += ["| constant | | |", "|---|---|---|"]
                table = True
            out.append(f"| `{match['define']}` | `{cell(' '.join(value.split()))}` | {cell(words)} |")
            before = ""
            continue
        if table and not match["comment"]:
            out.append("")
            table = False
        if match["section"]:
            out += [f"## {match['section'][0].upper()}{match['section'][1:]}", ""]
        elif match["struct"]:
            out += struct(match["struct"], match["body"], before)
        elif match["plain"]:
            code, _, words = match["plain"].partition("/*")
            out += [f"    {' '.join(code.split())}", "", words_of("/*" + words) if words else before, ""]
        before = words_of(match["comment"]) if match["comment"] else ""
    return "\n".join(out).rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.write(re.sub(r"\n{3,}", "\n\n", render(open(sys.argv[1], encoding="utf-8").read())))
