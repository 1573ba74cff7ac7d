import { mongodbStore } from "vestiaire/mongodb";

export const store = mongodbStore(process.env.MONGODB_URL ?? "mongodb://localhost/shop?replicaSet=rs0");
