"""The tree of what the words of a PDF are, with elements inside elements; fpdf2 knows only a flat one."""

from collections.abc import Iterator

from fpdf.structure_tree import StructElem, StructureTreeBuilder
from fpdf.syntax import PDFObject


class Element(StructElem):
    """An element with attributes: `a` is a dictionary as PDF writes it."""

    a: str | None = None


class Structure(StructureTreeBuilder):
    """A tree whose new elements come under the last of `open`."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[StructElem] = []
        self.open: list[StructElem] = [self.doc_struct_elem]

    def add_marked_content(
        self,
        page_number: int,
        struct_type: str,
        mcid: int | None = None,
        title: str | None = None,
        alt_text: str | None = None,
        attributes: str | None = None,
    ) -> tuple[StructElem, int]:
        """Return a new element, and the number under which its page's content is looked up; without `mcid` it is a group."""
        page = self.spid_per_page_number.setdefault(page_number, len(self.spid_per_page_number))
        kids = [] if mcid is None else [mcid]
        element = Element(struct_type, self.open[-1], kids, page_number, title, alt_text)
        element.a = attributes
        self.open[-1].k.append(element)
        self.elements.append(element)
        if mcid is not None:
            self.struct_tree_root.parent_tree.nums[page].append(element)
        return element, page

    def next_mcid_for_page(self, page_number: int) -> int:
        """Return the number of the next piece of content of a page."""
        page = self.spid_per_page_number.get(page_number)
        return 0 if page is None else len(self.struct_tree_root.parent_tree.nums[page])

    def __iter__(self) -> Iterator[PDFObject]:
        yield self.struct_tree_root
        yield self.doc_struct_elem
        yield self.struct_tree_root.parent_tree
        yield from self.elements
