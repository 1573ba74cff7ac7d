import { dynamodbStore } from "vestiaire/dynamodb";

export const store = dynamodbStore(process.env.DYNAMODB_URL ?? "dynamodb://eu-west-3/shop-sessions");
