// #region app
import express from "express";
import { session } from "vestiaire/express";
import { redisStore } from "vestiaire/redis";

interface Visitor {
  name: string;
  cart: string[];
}

const store = redisStore(process.env.REDIS_URL ?? "redis://localhost:6379");
const visits = session<Visitor>({ store, proxies: ["10.0.0.1"] });

export const app = express();
app.use(visits);

app.get("/", (request, response) => {
  const { name, cart = [] } = visits.of(request).data;
  response.send(`${name ?? "nobody"}: ${cart.length}`);
});

app.post("/cart/:item", (request, response) => {
  visits.of(request).update("cart", (cart = []) => [...cart, request.params.item]);
  response.redirect("/");
});

app.post("/sign-in/:name", (request, response) => {
  const { name } = request.params;
  visits.of(request).signIn(name).set("name", name);
  response.redirect("/");
});

app.post("/sign-out", (request, response) => {
  visits.of(request).signOut();
  response.redirect("/");
});

// #endregion app

export { store };
