/** A NestJS app as the compiler leaves it: decorators are called as functions. */
import "reflect-metadata";
import { setTimeout as delay } from "node:timers/promises";
import {
  Body,
  Controller,
  Get,
  Injectable,
  Logger,
  Module,
  Param,
  Post,
} from "@nestjs/common";
import { NestFactory } from "@nestjs/core";

function decorate(type, decorators, types = []) {
  Reflect.defineMetadata("design:paramtypes", types, type);
  for (const decorator of decorators) decorator(type);
}

function decorateMethod({ prototype }, name, decorators) {
  const property = Object.getOwnPropertyDescriptor(prototype, name);
  for (const decorator of decorators) decorator(prototype, name, property);
}

class Cats {
  all = ["Tom", "Felix"];

  async onModuleDestroy() {
    await delay(50); // a pool of database connections that closes
    console.log("the module is destroyed");
  }

  onApplicationShutdown(signal) {
    console.log(`the application is shut down by ${signal}`);
  }
}
decorate(Cats, [Injectable()]);

class CatsController {
  constructor(cats) {
    this.cats = cats;
  }

  findAll() {
    return this.cats.all;
  }

  async findOne(id) {
    await delay(300);
    return { name: this.cats.all[Number(id)] };
  }

  create(cat) {
    return cat;
  }
}
decorateMethod(CatsController, "findAll", [Get()]);
decorateMethod(CatsController, "findOne", [Get(":id")]);
Param("id")(CatsController.prototype, "findOne", 0);
decorateMethod(CatsController, "create", [Post()]);
Body()(CatsController.prototype, "create", 0);
decorate(CatsController, [Controller("cats")], [Cats]);

class AppModule {}
decorate(AppModule, [
  Module({ controllers: [CatsController], providers: [Cats] }),
]);

const app = await NestFactory.create(AppModule, {
  logger: ["error", "warn"],
});
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000);
new Logger("main").warn(`listens on ${await app.getUrl()}`);
