"""Which imports of a pickle only build data, and which are known ways to run code.

Only what is known to be harmless is let pass. The list of dangerous modules does not decide
whether something is reported, but how sure the report is.
"""

import re
from enum import IntEnum


class Danger(IntEnum):
    """What an import can do when a pickle is loaded, from nothing to anything."""

    HARMLESS = 0
    UNKNOWN = 1
    DANGEROUS = 2


_HARMLESS = {
    "_codecs": "encode",
    "argparse": "Namespace",
    "builtins": "bool bytearray bytes complex dict float frozenset int list object range set slice "
    "str tuple",
    "collections": "Counter OrderedDict defaultdict deque",
    "copyreg": "_reconstructor",
    "datetime": "date datetime time timedelta timezone",
    "decimal": "Decimal",
    "fractions": "Fraction",
    "numpy": "dtype ndarray",
    "numpy.core.multiarray": "_reconstruct scalar",
    "numpy.core.numeric": "_frombuffer",
    "pathlib": "Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath",
    "torch": "Size Tensor device dtype",
    "torch._tensor": "_rebuild_from_type_v2",
    "torch._utils": "_rebuild_meta_tensor_no_storage _rebuild_parameter _rebuild_tensor "
    "_rebuild_parameter_with_state _rebuild_qtensor _rebuild_sparse_tensor _rebuild_tensor_v2 "
    "_rebuild_tensor_v3",
    "torch.nn.parameter": "Buffer Parameter",
    "torch.serialization": "_get_layout",
    "torch.storage": "TypedStorage UntypedStorage _TypedStorage _UntypedStorage",
    "types": "SimpleNamespace",
    "uuid": "UUID",
}
_SAME = {
    "__builtin__": "builtins", "copy_reg": "copyreg", "pathlib._local": "pathlib",
    "numpy._core.multiarray": "numpy.core.multiarray",
    "numpy._core.numeric": "numpy.core.numeric",
}  # fmt: skip
_HARMLESS_FAMILIES = re.compile(
    r"torch\.(cuda\.)?\w+Storage"
    r"|torch\.(u?int\d+|q?u?int\d+(x\d)?|float\d+\w*|bfloat16|complex\d+|bool|half|double|long)"
    r"|numpy\.dtypes\.\w+DType"
)
_DANGEROUS_MODULES = """
    _bootlocale _imp _io _pickle _posixsubprocess _thread antigravity asyncio bdb builtins
    cProfile cffi code codeop commands concurrent cloudpickle ctypes dill distutils doctest
    ensurepip fileinput ftplib functools gc glob http httplib idlelib imaplib imp importlib
    inspect io ipaddress jinja2 lib2to3 linecache logging marshal mmap multiprocessing nntplib nt
    operator os pdb pickle pip pkgutil platform poplib popen2 posix posixpath profile pty
    pydoc requests resource rlcompleter runpy sched setuptools shelve shutil signal site smtplib
    socket socketserver sqlite3 ssl subprocess sys telnetlib tempfile threading timeit tkinter
    trace types unittest urllib urllib2 venv webbrowser winreg xmlrpc zipfile zipimport
    __builtin__
"""
_DANGEROUS = re.compile(
    r"torch\.(load|hub|jit|ops|compile|distributed|multiprocessing|package|utils|testing|_dynamo"
    r"|_inductor|classes|library|fx)\b.*"
    r"|torch\.storage\._load_from_bytes|torch\.serialization\.load.*"
    r"|numpy\.(load|fromfile|memmap|f2py|testing|distutils|lib\.npyio|save\w*|genfromtxt)\b.*"
    r"|pandas\.(read_\w+|io\b.*|eval)|joblib\..*|transformers\..*|huggingface_hub\..*|torchvision\.datasets\..*"
)


def danger(name: str) -> Danger:
    """Tell what an import such as `os.system` can do when a pickle is loaded."""
    module, _, attribute = name.rpartition(".")
    plain = _HARMLESS.get(_SAME.get(module, module), "").split()
    if attribute in plain or _HARMLESS_FAMILIES.fullmatch(name):
        return Danger.HARMLESS
    if name.partition(".")[0] in _DANGEROUS_MODULES.split() or _DANGEROUS.fullmatch(name):
        return Danger.DANGEROUS
    return Danger.UNKNOWN
