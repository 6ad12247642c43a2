// A deck is loaded when its fold is opened: most readers of a chapter do not want its slides at once.
document.addEventListener("DOMContentLoaded", () => {
  for (const frame of document.querySelectorAll(".deck iframe[data-src]")) {
    frame.closest("details").addEventListener("toggle", () => { frame.src ||= frame.dataset.src; });
  }
});
