"""Why a file is refused, and what its reader has to tell: one sentence a cause, in both languages, with what to do.

Codes are stable: reports, tests and other programs may rely on them.
"""

from __future__ import annotations

from typing import NamedTuple

from nianbao.errors import Cell, Finding, GateError, Severity
from nianbao.files.grid import Notice
from nianbao.files.personal import personal_number

_HIDDEN = "***"


class Sentence(NamedTuple):
    """What was found and expected, and what to do; figures stand in braces."""

    zh: str
    zh_remedy: str
    en: str
    en_remedy: str


_SAVE_ZH, _SAVE_EN = "请用Excel或WPS打开，另存为.xlsx后重新提交", "open it in Excel or WPS and save it as .xlsx"
_AGAIN_ZH, _AGAIN_EN = "请让报送人重新发送", "ask the sender for it again"
_UNSAFE_ZH = "请勿打开来历不明的文件，向报送人核实后重新导出"
_UNSAFE_EN = "no spreadsheet program writes such a file: check with the sender and have it exported anew"
_TABLE_ZH = "应为.xlsx、.xls、.ods或.csv表格"
_TABLE_EN = "expected a spreadsheet (.xlsx, .xls, .ods or .csv)"

REFUSALS: dict[str, Sentence] = {
    # ---- the file as such
    "missing": Sentence("文件不存在", "核对文件名和位置", "there is no such file", "check its name and place"),
    "not-a-file": Sentence(
        f"这是{{found_zh}}，不是文件；{_TABLE_ZH}",
        "指明具体的文件",
        f"this is {{found}}, not a file; {_TABLE_EN}",
        "name the file itself",
    ),
    "link-loop": Sentence(
        "快捷链接互相指向，找不到文件", "改用文件本身", "the link leads back to itself, to no file", "use the file itself"
    ),
    "not-permitted": Sentence(
        "没有读取该文件的权限",
        "请开放读取权限，或关闭正在使用它的程序",
        "the file may not be read",
        "grant read permission or close what holds it",
    ),
    "unreadable": Sentence(
        "磁盘读取失败（{reason}）",
        "复制到本机磁盘再试",
        "the disk cannot read it ({reason})",
        "copy it to a local disk and try again",
    ),
    "empty": Sentence(f"文件是空的（0字节）；{_TABLE_ZH}", _AGAIN_ZH, f"the file is empty (0 bytes); {_TABLE_EN}", _AGAIN_EN),
    "blank": Sentence(f"文件里只有空白；{_TABLE_ZH}", _AGAIN_ZH, f"the file holds nothing but blanks; {_TABLE_EN}", _AGAIN_EN),
    "too-large": Sentence(
        "文件有{bytes}字节，上限为{limit}字节",
        "删除图片和无用的工作表后重新保存",
        "the file has {bytes} bytes; a return has at most {limit}",
        "remove pictures and unused sheets and save it again",
    ),
    "lock-file": Sentence(
        "这是表格打开时自动产生的临时文件，不是表格本身",
        "关闭表格，提交不带“~$”的那个文件",
        "this is the lock that an open workbook leaves beside it, not the workbook",
        "close the workbook and send the file without ~$ in its name",
    ),
    "wrong-extension": Sentence(
        "文件名以“{extension}”结尾，内容却是{found_zh}",
        "把扩展名改为“{wanted}”，或重新另存为.xlsx",
        "the name ends in {extension} but the content is {found}",
        "rename it to {wanted}, or save it again as .xlsx",
    ),
    # ---- content of another kind
    "pdf": Sentence(
        f"这是PDF文件；{_TABLE_ZH}",
        "请提交生成该PDF的原表格",
        f"this is a PDF; {_TABLE_EN}",
        "send the workbook it was printed from",
    ),
    "picture": Sentence(
        f"这是图片（{{found}}）；{_TABLE_ZH}",
        "请提交原表格，不要截图或拍照",
        f"this is a picture ({{found}}); {_TABLE_EN}",
        "send the workbook, not its picture",
    ),
    "rtf": Sentence(
        f"这是RTF文档；{_TABLE_ZH}",
        "把表格复制到Excel后保存",
        f"this is an RTF document; {_TABLE_EN}",
        "copy its table into Excel and save that",
    ),
    "html-table": Sentence(
        f"这是网页（HTML），只是取了表格的扩展名；{_TABLE_ZH}",
        _SAVE_ZH,
        f"this is a web page (HTML) under a spreadsheet's name; {_TABLE_EN}",
        _SAVE_EN,
    ),
    "web-archive": Sentence(
        f"这是单个网页存档（MHTML）；{_TABLE_ZH}", _SAVE_ZH, f"this is a web archive (MHTML); {_TABLE_EN}", _SAVE_EN
    ),
    "xml-spreadsheet": Sentence(
        f"这是“XML电子表格2003”；{_TABLE_ZH}", _SAVE_ZH, f"this is an XML Spreadsheet 2003; {_TABLE_EN}", _SAVE_EN
    ),
    "flat-opendocument": Sentence(
        f"这是单文件XML形式的OpenDocument；{_TABLE_ZH}",
        "另存为.ods或.xlsx",
        f"this is a flat-XML OpenDocument; {_TABLE_EN}",
        "save it as .ods or .xlsx",
    ),
    "xml": Sentence(f"这是XML文件；{_TABLE_ZH}", _SAVE_ZH, f"this is an XML file; {_TABLE_EN}", _SAVE_EN),
    "archive": Sentence(
        f"这是压缩包（{{found}}）；{_TABLE_ZH}",
        "请先解压，提交里面的表格",
        f"this is an archive ({{found}}); {_TABLE_EN}",
        "unpack it and send the workbook inside",
    ),
    "zip-no-workbook": Sentence(
        f"这是ZIP压缩包，有{{entries}}个文件，没有工作簿；{_TABLE_ZH}",
        "如果表格在压缩包里，请先解压再提交",
        f"this is a zip archive of {{entries}} files without a workbook; {_TABLE_EN}",
        "if the workbook is inside, unpack it and send that",
    ),
    "word": Sentence(
        f"这是Word文档；{_TABLE_ZH}",
        "把表格复制到Excel后保存",
        f"this is a Word document; {_TABLE_EN}",
        "copy its table into Excel and save that",
    ),
    "slides": Sentence(
        f"这是演示文稿；{_TABLE_ZH}",
        "请提交原表格",
        f"this is a presentation; {_TABLE_EN}",
        "send the workbook its figures come from",
    ),
    "other-office": Sentence(
        f"这是{{found}}文档；{_TABLE_ZH}",
        "请在原程序中导出为.xlsx",
        f"this is a document of kind {{found}}; {_TABLE_EN}",
        "export it as .xlsx",
    ),
    "xlsb": Sentence(
        f"这是二进制工作簿（.xlsb）；{_TABLE_ZH}",
        "打开后另存为.xlsx",
        f"this is a binary workbook (.xlsb); {_TABLE_EN}",
        "open it and save it as .xlsx",
    ),
    "old-excel": Sentence(
        f"这是Excel 4或更早版本的表格；{_TABLE_ZH}", _SAVE_ZH, f"this is a sheet of Excel 4 or older; {_TABLE_EN}", _SAVE_EN
    ),
    "installer": Sentence(
        f"这是安装程序；{_TABLE_ZH}",
        "不要运行；向报送人核实",
        f"this is an installer; {_TABLE_EN}",
        "do not run it; check with the sender",
    ),
    "program": Sentence(
        f"这是可执行程序；{_TABLE_ZH}",
        "不要运行；向报送人核实",
        f"this is a program; {_TABLE_EN}",
        "do not run it; check with the sender",
    ),
    "ole-other": Sentence(
        f"这是旧式复合文档，里面没有工作簿；{_TABLE_ZH}",
        _SAVE_ZH,
        f"this is an old compound document without a workbook; {_TABLE_EN}",
        _SAVE_EN,
    ),
    "binary": Sentence(
        f"内容是无法识别的二进制数据；{_TABLE_ZH}",
        _AGAIN_ZH,
        f"the content is binary data of no known kind; {_TABLE_EN}",
        _AGAIN_EN,
    ),
    # ---- passwords
    "encrypted": Sentence(
        "工作簿已加密",
        "打开后取消密码（包括修改密码和工作簿保护），再另存",
        "the workbook is encrypted",
        "open it, remove every password (for changes and for the workbook too) and save it again",
    ),
    # ---- packages built wrongly
    "truncated": Sentence(
        "文件不完整，缺少结尾（现有{bytes}字节）",
        "重新下载或请报送人重发",
        "the file is cut off: {bytes} bytes came and its end is missing",
        "download it again or have it sent again",
    ),
    "damaged": Sentence(
        "工作簿已损坏（{part}）",
        "用Excel或WPS打开并修复，重新保存",
        "the workbook is damaged ({part})",
        "open it in Excel or WPS, let it be repaired and save it again",
    ),
    "package-lies": Sentence(
        "压缩包内“{part}”的标示大小与实际不符", _UNSAFE_ZH, "the package states a false size or checksum for {part}", _UNSAFE_EN
    ),
    "bomb": Sentence(
        "解压后过大：“{part}”超过{limit}", _UNSAFE_ZH, "the package swells beyond reason: {part} passes {limit}", _UNSAFE_EN
    ),
    "too-many-parts": Sentence(
        "压缩包内文件过多，超过{limit}个", _UNSAFE_ZH, "the package has more than {limit} entries", _UNSAFE_EN
    ),
    "duplicate-part": Sentence(
        "压缩包内有同名文件“{part}”，不知以哪个为准",
        _UNSAFE_ZH,
        "the package holds {part} twice, so its content depends on the program",
        _UNSAFE_EN,
    ),
    "unsafe-name": Sentence(
        "压缩包内的文件名“{part}”不安全", _UNSAFE_ZH, "the package has an entry with the unsafe name {part}", _UNSAFE_EN
    ),
    "odd-compression": Sentence(
        "“{part}”使用了表格不用的压缩方法", _UNSAFE_ZH, "{part} is compressed in a way no workbook uses", _UNSAFE_EN
    ),
    "doctype": Sentence("“{part}”含有DTD或实体声明", _UNSAFE_ZH, "{part} declares a document type or entities", _UNSAFE_EN),
    "xml-encoding": Sentence(
        "“{part}”的编码不是UTF-8或UTF-16", _UNSAFE_ZH, "{part} is in neither UTF-8 nor UTF-16", _UNSAFE_EN
    ),
    "too-many-tags": Sentence(
        "“{part}”的内容过于零碎，超过{limit}个标记",
        "删除与报表无关的内容和格式后重新保存",
        "{part} has more than {limit} tags",
        "delete content and formatting that is no part of the return and save it again",
    ),
    "row-too-long": Sentence(
        "“{part}”中有一行长达{bytes}字节，上限为{limit}字节",
        _UNSAFE_ZH,
        "{part} has a row of {bytes} bytes; at most {limit} are read",
        _UNSAFE_EN,
    ),
    "too-deep": Sentence("“{part}”嵌套过深", _UNSAFE_ZH, "{part} is nested too deeply", _UNSAFE_EN),
    "no-sheets": Sentence("工作簿里没有工作表", _SAVE_ZH, "the workbook has no sheet of cells", _SAVE_EN),
    # ---- more than a return can hold
    "far-cell": Sentence(
        "该单元格超出允许范围（{rows}行×{columns}列）",
        "删除数据右侧和下方的内容后重新保存",
        "a cell stands outside {rows} rows by {columns} columns",
        "delete what lies right of and below the data and save it again",
    ),
    "too-many-cells": Sentence(
        "单元格过多，超过{limit}个",
        "删除与报表无关的内容后重新保存",
        "there are more than {limit} filled cells",
        "delete what is no part of the return and save it again",
    ),
    "too-many-sheets": Sentence(
        "工作表过多，超过{limit}张",
        "删除与报表无关的工作表",
        "there are more than {limit} sheets",
        "delete the sheets that are no part of the return",
    ),
    "text-too-long": Sentence(
        "一个单元格的文字超过{limit}字",
        "检查引号和分隔符，删去多余文字",
        "a cell holds more than {limit} characters",
        "check quotes and separators, cut the text",
    ),
    "unknown-encoding": Sentence(
        "文本既不是UTF-8、UTF-16，也不是GB18030编码（第{byte}字节）",
        "用Excel或WPS打开，另存为“CSV UTF-8”或.xlsx",
        "the text is neither UTF-8, UTF-16 nor GB18030 (byte {byte})",
        "open it in Excel or WPS and save it as CSV UTF-8 or .xlsx",
    ),
    # ---- the reading itself
    "out-of-memory": Sentence(
        "读取该文件所需内存超过{limit} MB，已停止",
        _UNSAFE_ZH,
        "reading needs more than {limit} MB of memory and was stopped",
        _UNSAFE_EN,
    ),
    "too-slow": Sentence(
        "读取超过{seconds}秒，已停止",
        "删除无关内容后重新保存；如仍如此，向报送人核实",
        "reading took more than {seconds} seconds and was stopped",
        "save it again without what is no part of the return; if that does not help, check with the sender",
    ),
    "reader-died": Sentence(
        "读取该文件时读取程序异常中止（{reason}）", _SAVE_ZH, "the reading process ended abnormally ({reason})", _SAVE_EN
    ),
}
"""Every cause of a refusal."""

NOTICES: dict[str, Sentence] = {
    "macros-ignored": Sentence(
        "工作簿含有宏，未运行", "无需处理", "the workbook has macros; they were not run", "nothing need be done"
    ),
    "workbook-extension": Sentence(
        "文件名以“{extension}”结尾，内容是{found}，已按内容读取",
        "建议改正扩展名",
        "the name ends in {extension}, the content is {found} and was read as such",
        "rename it",
    ),
    "engines-differ": Sentence(
        "两种读取方法得到不同的值：{own}与{other}",
        "打开文件核对该单元格",
        "two readers find different values: {own} and {other}",
        "open the file and look at the cell",
    ),
    "second-engine-failed": Sentence(
        "核对用的读取方法打不开该文件或工作表（{reason}），数值未经核对",
        "建议重新另存",
        "the checking reader cannot read it ({reason}); values were read once only",
        "save it again",
    ),
    "sheet-not-cells": Sentence(
        "不是单元格工作表，未读取",
        "如有数据请移到普通工作表",
        "the sheet holds no cells (a chart or macro sheet) and was not read",
        "move data to a worksheet",
    ),
    "cell-twice": Sentence(
        "文件中同一单元格出现两次，取后一个",
        "重新保存文件",
        "the file writes this cell twice; the later one was taken",
        "save the file again",
    ),
    "string-missing": Sentence(
        "文本表中没有该单元格所指的文字",
        "修复并重新保存",
        "the cell points to a text the file does not hold",
        "repair and save the file",
    ),
    "number-not-read": Sentence(
        "单元格标为数值，但内容不是数",
        "修复并重新保存",
        "the cell is marked a number but holds none",
        "repair and save the file",
    ),
    "no-such-date": Sentence(
        "日期格式的数{serial}不是有效日期，按数值读取",
        "核对日期",
        "the number {serial} under a date format is no date; it was kept a number",
        "check the date",
    ),
    "partly-struck": Sentence("部分文字带删除线", "删去作废文字", "part of the text is struck through", "delete what is void"),
    "merge-ignored": Sentence(
        "合并区域{range}过大或有误，未采用",
        "取消该合并",
        "the merged range {range} is too large or faulty and was left out",
        "undo that merge",
    ),
    "ragged-row": Sentence(
        "本行有{found}列，应有{expected}列",
        "检查本行的分隔符和引号",
        "the row has {found} fields, the others {expected}",
        "check its separators and quotes",
    ),
    "quotes-broken": Sentence(
        "引号不成对，引号已按普通字符读取",
        "改正引号",
        "quotes do not pair; they were read as plain characters",
        "mend the quotes",
    ),
    "text-looks-wrong": Sentence(
        "按{encoding}解码后文字异常，可能是乱码",
        "用原程序打开核对，另存为UTF-8",
        "decoded as {encoding} the text looks garbled",
        "check it in the program it came from and save it as UTF-8",
    ),
    "one-column": Sentence(
        "没有找到列分隔符，每行作为一列读取",
        "如有多列，请用逗号或制表符分隔",
        "no separator was found; each line was read as one cell",
        "separate columns by commas or tabs",
    ),
    "separator-unsure": Sentence(
        "分隔符不确定，按“{separator}”读取", "核对各列", "the separator is unsure; {separator} was taken", "check the columns"
    ),
    "control-characters": Sentence(
        "文本含有控制字符", "清除不可见字符", "the text holds control characters", "remove invisible characters"
    ),
    "and-more": Sentence(
        "“{code}”一类的提示另有{count}处",
        "改正后重新读取",
        "{count} more notices of the kind {code}",
        "mend these and read it again",
    ),
}
"""Everything a reader may have to tell about a file it did read."""


def refusal(code: str, where: str = "", *, sheet: str = "", cell: str = "", **figures: str) -> GateError:
    """Return the error of one cause for the file ``where``."""
    found = REFUSALS[code]
    return GateError(_finding(code, Severity.BLOCK, found, Cell(where, sheet, cell), figures))


def notice_finding(notice: Notice, where: str) -> Finding:
    """Return a reader's notice as a finding about the file ``where``."""
    place = Cell(where, notice.sheet, notice.cell)
    return _finding(notice.code, Severity.WARN, NOTICES[notice.code], place, dict(notice.figures))


def _finding(code: str, severity: Severity, found: Sentence, place: Cell, figures: dict[str, str]) -> Finding:
    """Return the finding; a cell's content or a sheet's name that holds a personal number is not repeated."""
    figures = {name: _HIDDEN if personal_number(text) else text for name, text in figures.items()}
    if personal_number(place.sheet):
        place = Cell(place.file, _HIDDEN, place.cell)
    return Finding(code, severity, (place,), found.zh, found.en, found.zh_remedy, found.en_remedy, "", figures)
