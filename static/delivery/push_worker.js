// Showing notifications: the desk's whole service worker, and the end of the portal's (influencers/access/offline.py).
// Browsers that know declarative web push show them without us. They are made by delivery/transports/push/notification.py.

const noted = async (data) => {
  const { title, navigate, ...rest } = data.json().notification;
  await self.registration.showNotification(title, { ...rest, icon: "/app/icon-192.png", data: { navigate } });
};
self.addEventListener("push", (event) => event.data && event.waitUntil(noted(event.data)));

const opened = async (asked) => {
  const home = self.registration.scope;
  const address = new URL(asked || home, home);
  const url = address.origin === self.location.origin ? address.href : home;
  const windows = await self.clients.matchAll({ type: "window" });
  const there = windows.find((one) => one.url.split("#")[0] === url);
  return there ? there.focus() : self.clients.openWindow(url);
};
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(opened(event.notification.data?.navigate));
});
