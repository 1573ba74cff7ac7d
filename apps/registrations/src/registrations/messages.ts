// The texts of the start page and of one's own registrations.

import { messages } from "../i18n/messages.ts";

export const registrationMessages = messages({
  en: {
    "home.title": "Register for a sport",
    "home.lead":
      "Choose a sport, keep your ticket. Only you and the administrators can take your registration back.",
    "home.sports": "Open for registration",
    "home.choose": "Press one to register for it.",
    "home.none": "No sport is open for registration at the moment.",
    "home.start": "Create an account",
    "home.signIn": "I have an account",
    "registrations.title": "Your registrations",
    "registrations.lead":
      "Each is a ticket of your own. Only you and the administrators see it and can take it back.",
    "registrations.none": "You are not registered for anything yet.",
    "registrations.add": "Register for more",
    "registrations.sports": "Sports",
    "registrations.submit": "Register",
    "registrations.choose": "Choose at least one sport.",
    "registrations.noneLeft": "No other sport is open for registration at the moment.",
    "registrations.number": "No.",
    "registrations.since": "Registered on {date}",
    "registrations.takeBack": "Take back",
    "registrations.added": "You are registered for {sports}.",
    "registrations.alreadyThere": "You were registered for {sports} already.",
    "registrations.closed": "You are not registered for {sports}: registration has closed.",
    "registrations.gone":
      "{count, plural, one {A sport} other {# sports}} of your choice cannot be found any more: you are not registered for {count, plural, one {it} other {them}}.",
    "registrations.removed": "Your registration for {sport} is taken back.",
    "takeBack.title": "Take back {sport}?",
    "takeBack.consequence":
      "Your place becomes free for somebody else. You can register again as long as the sport is open.",
    "takeBack.confirm": "Take it back",
  },
  fr: {
    "home.title": "Inscrivez-vous à un sport",
    "home.lead":
      "Choisissez un sport, gardez votre ticket. Seuls vous et l’administration pouvez reprendre votre inscription.",
    "home.sports": "Inscriptions ouvertes",
    "home.choose": "Choisissez-en un pour vous y inscrire.",
    "home.none": "Aucun sport n’est ouvert aux inscriptions pour le moment.",
    "home.start": "Créer un compte",
    "home.signIn": "J’ai un compte",
    "registrations.title": "Vos inscriptions",
    "registrations.lead":
      "Chacune est un ticket à vous. Seuls vous et l’administration la voyez et pouvez la reprendre.",
    "registrations.none": "Vous n’êtes encore inscrit à rien.",
    "registrations.add": "S’inscrire à d’autres sports",
    "registrations.sports": "Sports",
    "registrations.submit": "S’inscrire",
    "registrations.choose": "Choisissez au moins un sport.",
    "registrations.noneLeft": "Aucun autre sport n’est ouvert aux inscriptions pour le moment.",
    "registrations.number": "N°",
    "registrations.since": "Inscription du {date}",
    "registrations.takeBack": "Reprendre",
    "registrations.added": "Vous êtes inscrit : {sports}.",
    "registrations.alreadyThere": "Vous étiez déjà inscrit : {sports}.",
    "registrations.closed": "Vous n’êtes pas inscrit ({sports}) : les inscriptions sont closes.",
    "registrations.gone":
      "{count, plural, one {Un sport} other {# sports}} de votre choix {count, plural, one {n’existe} other {n’existent}} plus : vous n’y êtes pas inscrit.",
    "registrations.removed": "Votre inscription ({sport}) est reprise.",
    "takeBack.title": "Reprendre l’inscription : {sport} ?",
    "takeBack.consequence":
      "Votre place se libère pour quelqu’un d’autre. Vous pourrez vous réinscrire tant que le sport est ouvert.",
    "takeBack.confirm": "La reprendre",
  },
});
