/** The few line drawings of the chat. */
import { h } from "preact";

const PATHS = {
  send: "M5 12l14-7-5 15-3-6z",
  emoji: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9 9.5v.5M15 9.5v.5M8.5 14.5q3.5 3.5 7 0",
  picture: "M4 5h16v14H4zM4 16l4.5-4.5 4 4 2.5-2.5 5 5M15.5 9v.5",
  camera: "M4 8h4l1.5-2.5h5L16 8h4v11H4zM12 10.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.5l3 2",
  down: "M6 9.5l6 6 6-6",
  person: "M5 13v-1a7 7 0 0 1 14 0v1M5 13h2.5v5H5zM16.5 13H19v5h-2.5zM19 18q0 2.5-5 2.5",
  bot: "M6 9h12v9H6zM12 9V5.5M9.5 13v1M14.5 13v1M3.5 12.5v2.5M20.5 12.5v2.5",
  cross: "M7 7l10 10M17 7L7 17",
  retry: "M18.5 12a6.5 6.5 0 1 1-2-4.7M17 3.5V8h-4.5",
  star: "M12 4l2.4 5.2 5.6.6-4.2 3.8 1.2 5.6L12 16.3l-5 2.9 1.2-5.6L4 9.8l5.6-.6z",
  parcel: "M4 8l8-4 8 4v9l-8 4-8-4zM4 8l8 4 8-4M12 12v9",
};

export const Icon = ({ name }: { name: keyof typeof PATHS }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
