/** Icons of the panel, by name. They are our own, so that the panel needs no icon theme. */
export const ICONS = {
  menu: `<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 48 48">
<g fill="#e6edf3"><rect x="8" y="8" width="9" height="9" rx="2.5"/><rect x="19.5" y="8" width="9" height="9" rx="2.5"/>
<rect x="31" y="8" width="9" height="9" rx="2.5"/><rect x="8" y="19.5" width="9" height="9" rx="2.5"/>
<rect x="19.5" y="19.5" width="9" height="9" rx="2.5" fill="#7cc4ff"/><rect x="31" y="19.5" width="9" height="9" rx="2.5"/>
<rect x="8" y="31" width="9" height="9" rx="2.5"/><rect x="19.5" y="31" width="9" height="9" rx="2.5"/>
<rect x="31" y="31" width="9" height="9" rx="2.5"/></g></svg>
`,
  terminal: `<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 48 48">
<rect x="3" y="6" width="42" height="36" rx="6" fill="#3a4d63"/>
<rect x="5" y="13" width="38" height="27" rx="4" fill="#0f1822"/>
<path d="M12 20l7 6.5-7 6.5" fill="none" stroke="#7cc4ff" stroke-width="3.6" stroke-linecap="round" stroke-linejoin="round"/>
<path d="M23 34h11" stroke="#e6edf3" stroke-width="3.6" stroke-linecap="round"/></svg>
`,
  files: `<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 48 48">
<path d="M4 13a5 5 0 0 1 5-5h9.5a4 4 0 0 1 3 1.3L25 13h14a5 5 0 0 1 5 5v4H4z" fill="#c98a3c"/>
<path d="M4 20a4 4 0 0 1 4-4h32a4 4 0 0 1 4 4v16a5 5 0 0 1-5 5H9a5 5 0 0 1-5-5z" fill="#f0b95e"/></svg>
`,
  browser: `<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 48 48">
<circle cx="24" cy="24" r="20" fill="#3f8fd6"/>
<g fill="none" stroke="#eaf4fd" stroke-width="2.6"><circle cx="24" cy="24" r="18.7"/>
<ellipse cx="24" cy="24" rx="8.5" ry="18.7"/><path d="M6.5 17.5h35M6.5 30.5h35"/></g></svg>
`,
} as const;
