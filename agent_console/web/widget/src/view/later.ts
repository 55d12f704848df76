/** The views that are needed only once a conversation is going on: one part that loads behind the first screen. */
export { Banners } from "./Banners";
export { Extras } from "./Extras";
export { Thread } from "./Thread";
