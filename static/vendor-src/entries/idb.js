export { deleteDB, openDB, unwrap, wrap } from "idb";
