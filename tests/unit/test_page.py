"""What only the page has: leading figures, marks of language, the policy's name of its script."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from nianbao import blocks, page
from nianbao.blocks import BLOCK_MIME, run

WORDS = {"further": "… cells: ", "comma": ", "}


def report_of(*given: blocks.Block) -> Any:
    outputs = [{"output_type": "display_data", "data": {BLOCK_MIME: block}} for block in given]
    return SimpleNamespace(cells=[{"outputs": outputs}], metadata={"nianbao": {}})


def leading(*rows: dict[str, Any]) -> blocks.Block:
    columns = [blocks.column(word) for word in ("Indicator", "Value", "On 2019")]
    return blocks.table([run("Key figures")], key="key-figures", columns=columns, rows=rows)


def test_chinese_in_a_page_of_another_language_is_marked() -> None:
    told = page.escaped("en")
    assert told("data/a/2020.xlsx!人口监测! E7“68”") == 'data/a/2020.xlsx!<span lang="zh">人口监测</span>! E7“68”'
    assert told("<b> 计划生育服务（历史指标）, 2020") == '&lt;b&gt; <span lang="zh">计划生育服务（历史指标）</span>, 2020'
    assert told("“99%以上”") == '“99%<span lang="zh">以上”</span>'
    assert told("births 151") == "births 151"
    assert page.escaped("zh")("<人口>") == "&lt;人口&gt;"


def test_the_first_table_of_key_figures_leads_the_page() -> None:
    rows = [
        blocks.row([[run("Births")], [run("151", fact="a:births")], [run("down 32", fact="a:change")]]),
        blocks.row([[run("Population")], [run("21951", fact="a:population")], [run("—")]]),
    ]
    made = page.additions(report_of(leading(*rows)), lang="en", words=WORDS, taken_bytes=0)["key_figures"]
    assert (made["label"], made["before"]) == ("Key figures", "On 2019")
    assert [blocks.plain(change) for _, _, change in made["rows"]] == ["down 32", ""]
    assert page.additions(report_of(), lang="en", words=WORDS, taken_bytes=0)["key_figures"] is None


def test_a_script_is_named_by_its_hash() -> None:
    assert page.script_hash("") == "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_the_words_of_the_tools_are_drawn() -> None:
    for lang, word in (("zh", "查"), ("en", "S")):
        assert word in page.drawn(lang)
