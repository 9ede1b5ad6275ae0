// The icons the screens use, by their lucide names. A template names one with {% icon "inbox" %}; a name that is
// not here fails in the tests of the workspace room.
export const iconNames = [
  "activity", "alarm-clock", "archive", "arrow-left", "arrow-right", "arrow-up-right", "at-sign", "bell", "book-open",
  "bot", "calendar-clock", "chart-column", "check", "check-check", "chevron-down", "chevron-left", "chevron-right", "chevrons-up",
  "circle-alert", "circle-check", "circle-help", "clock", "code", "copy", "corner-up-left", "crown", "download",
  "ellipsis", "external-link", "eye", "file", "file-spreadsheet", "file-text", "flag", "flame", "folder", "gauge",
  "globe", "hand", "hash", "heart", "history", "hourglass", "image", "inbox", "info", "keyboard", "languages",
  "layout-list", "life-buoy", "link", "list-checks", "list-filter", "loader-circle", "lock", "log-out", "mail",
  "map-pin", "menu", "message-circle", "message-square", "message-square-text", "mic", "monitor", "moon", "package",
  "panel-right", "paperclip", "pencil", "phone", "phone-call", "phone-incoming", "phone-outgoing", "play", "plus",
  "refresh-cw", "reply", "rotate-ccw", "scale", "search", "send", "settings", "shield-alert", "shield-check",
  "shopping-bag", "skip-forward", "slash", "sliders-horizontal", "smile", "sparkles", "star", "sticky-note", "sun", "sun-moon", "tag",
  "target", "thumbs-down", "thumbs-up", "timer", "trash-2", "trending-down", "trending-up", "triangle-alert",
  "truck", "upload", "user", "user-check", "user-plus", "user-round", "users", "video", "wand-sparkles", "x", "zap",
];
