// Words that are shown once: <button data-save="#id" data-name="file.txt"> saves them as a file, <button data-print> prints.
(() => {
  for (const button of document.querySelectorAll("[data-save]")) {
    button.addEventListener("click", () => {
      const words = document.querySelector(button.dataset.save).textContent.trim().replace(/\s*\n\s*/g, "\r\n");
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([words + "\r\n"], { type: "text/plain" }));
      link.download = button.dataset.name;
      link.click();
      URL.revokeObjectURL(link.href);
    });
  }
  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());
})();
