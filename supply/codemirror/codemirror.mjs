// What the desk's text fields use of CodeMirror (static/bulletins/editing/text/markdown_editor.js).
export { history, historyKeymap, standardKeymap } from "@codemirror/commands";
export { Annotation, EditorState, StateEffect, StateField, Transaction } from "@codemirror/state";
export { Decoration, EditorView, keymap, ViewPlugin } from "@codemirror/view";
