import { limitedApp } from "./limited.js";

export default limitedApp("instance");
