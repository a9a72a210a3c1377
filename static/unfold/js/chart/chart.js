// In the place of Chart.js, which django-unfold brings to every page (69 kB packed): nothing on the desk is drawn by it.
