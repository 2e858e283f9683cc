// Web Mercator, the projection of street map tiles: the world is a square from 0 to 1. Numbers in, numbers out.
const TILE = 256;
const STREETS = TILE * 2 ** 18; // as near as tiles go: pixels per world

export function mercator(latitude, longitude) {
  const sine = Math.sin((latitude * Math.PI) / 180);
  return [longitude / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

// The view in which all points lie inside a box of pixels, with a margin; one place alone is seen with its streets.
export function fitted(points, width, height, margin) {
  const [left, right] = bounds(points.map(([x]) => x));
  const [top, bottom] = bounds(points.map(([, y]) => y));
  const room = [Math.max(width - 2 * margin, 1), Math.max(height - 2 * margin, 1)];
  const scale = Math.min(room[0] / (right - left), room[1] / (bottom - top), STREETS / 8);
  return { x: (left + right) / 2, y: (top + bottom) / 2, scale };
}

export function nearer(view, times) {
  return { ...view, scale: Math.min(STREETS, Math.max(TILE * 4, view.scale * times)) };
}

export function moved(view, dx, dy) {
  return { ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale };
}

export function pixels(view, point, width, height) {
  return [width / 2 + (point[0] - view.x) * view.scale, height / 2 + (point[1] - view.y) * view.scale];
}

// Places that would lie on each other become one group around the first of them.
export function grouped(places, apart) {
  const groups = [];
  for (const place of places) {
    const near = groups.find(({ x, y }) => Math.hypot(x - place.x, y - place.y) < apart);
    if (near) near.places.push(place);
    else groups.push({ x: place.x, y: place.y, places: [place] });
  }
  return groups;
}

// The tiles below a view: their addresses, places and size in pixels.
export function tilesOf(view, width, height, address) {
  const zoom = Math.max(0, Math.min(19, Math.round(Math.log2(view.scale / TILE))));
  const count = 2 ** zoom;
  const size = view.scale / count;
  const first = [view.x - width / 2 / view.scale, view.y - height / 2 / view.scale].map((edge) => Math.floor(edge * count));
  const tiles = [];
  for (let x = first[0]; (x / count - view.x) * view.scale < width / 2; x += 1) {
    for (let y = Math.max(0, first[1]); y < count && (y / count - view.y) * view.scale < height / 2; y += 1) {
      const [left, top] = pixels(view, [x / count, y / count], width, height);
      const href = address.replace("{z}", zoom).replace("{x}", ((x % count) + count) % count).replace("{y}", y);
      tiles.push({ href, left, top, size });
    }
  }
  return tiles;
}

function bounds(values) {
  return [Math.min(...values), Math.max(...values)];
}
