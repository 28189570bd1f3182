"use strict";
// What people do on the right-hand side of the page. It is drawn by the server; page.js keeps it as it is there.
// From page.js: deed(path, fields) posts a deed (an error of the server is shown to the person), notify(text) says something,
// refresh() fetches the page anew, data-keep on an element keeps merge away from it.
