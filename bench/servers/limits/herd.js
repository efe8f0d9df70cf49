import { limitedApp } from "./limited.js";

export default limitedApp("herd");
