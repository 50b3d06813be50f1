import "rapidoc/dist/rapidoc-min.js";
