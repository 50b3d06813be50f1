/* Does the page to sign in leave no pages of the one before on this phone? */
import { forgetPages } from "./forget.js";

forgetPages();
