// VitePress's own theme without its fonts, in the colours of the application.

import Theme from "vitepress/theme-without-fonts";
import "./style.css";

export default Theme;
