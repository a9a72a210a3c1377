"""The cases of Finnish, and the singular of regular nouns in them."""

CASES = ("nom", "gen", "par", "ine", "ela", "ill", "ade", "abl", "all", "ess", "tra")
_ENDINGS = dict(zip(CASES, ("", "n", "", "ssa", "sta", "", "lla", "lta", "lle", "na", "ksi"), strict=True))


def noun(one: str, weak: str = "", partitive: str = "", illative: str = "", strong: str = "") -> dict[str, str]:
    """Return {case: form} of a noun by its weak stem ("viiko" of viikko), and by what is not made as usual."""
    weak, strong = weak or one, strong or one
    forms = {case: f"{strong if case == 'ess' else weak}{ending}" for case, ending in _ENDINGS.items()}
    forms |= {"nom": one, "par": partitive or f"{one}a", "ill": illative or f"{one}{one[-1]}n"}
    if not one.endswith("metri") and set(one) & set("aou"):
        return forms
    return {case: f"{form[:-1]}ä" if form.endswith("a") else form for case, form in forms.items()}
