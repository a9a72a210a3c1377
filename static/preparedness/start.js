// A step that is folded opens when a link leads to it.
(() => {
  "use strict";

  const go = () => {
    const step = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const fold = step && step.querySelector(":scope > details");
    if (fold) {
      fold.open = true;
    }
  };

  addEventListener("hashchange", go);
  go();
})();
