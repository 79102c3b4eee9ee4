"""How a test measures that text can be read: the contrast of every visible text with the ground that it stands on."""

MEASURED = """() => {
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => {
    const [r, g, b] = channels(colour).slice(0, 3)
      .map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    const colour = getComputedStyle(element).backgroundColor;
    return channels(colour)[3] === 0 && element.parentElement ? ground(element.parentElement) : colour;
  };
  const told = [...document.body.querySelectorAll('*')].filter(element => element.checkVisibility()
    && [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()) && !element.closest('svg'));
  return told.map(element => {
    const pair = [getComputedStyle(element).color, ground(element)];
    const [high, low] = pair.map(light).sort((a, b) => b - a);
    return [(high + 0.05) / (low + 0.05), element.className || element.tagName, ...pair];
  });
}"""
"""Yields the ratio, what has the text, and its two colours, of each element that has text."""
